#include "kernels/cuda/tile_reuse_sm90/launch.h"

#include <cuda_runtime.h>
#include <fmt/format.h>

#include <algorithm>

#include "kernels/cuda/base/error.h"
#include "kernels/cuda/base/launch.h"
#include "kernels/cuda/tile/decode_plan.h"
#include "kernels/cuda/tile/tensor_map.h"
#include "kernels/cuda/tile_reuse_sm90/layout.h"
#include "kernels/cuda/tile_reuse_sm90/variants.h"

namespace mlawave::cuda::tile_reuse_sm90 {
namespace {

// CTAs of a slot: a head tile holds up to 256 rows, so that a KV tile is read by up to four CTAs at
// about the same time. Three would not be a number of clusters.
int group_of(const api::MlaProblem& p) {
  if (p.rows() <= kRows) return 1;
  return p.rows() <= 2 * kRows ? 2 : 4;
}

int cluster_of(int group) { return group == 1 ? 1 : 2; }

TileShape shape_of(DecodeFunction function, int group) {
  cudaFuncAttributes attributes{};
  MLAWAVE_CUDA_CHECK(cudaFuncGetAttributes(&attributes, reinterpret_cast<const void*>(function)));
  return {group * kRows,
          1,
          group,
          SharedLayout::kAllocated,
          attributes.numRegs,
          kThreads,
          PartialFormat::packed_rows};
}

class HopperPlan final : public DecodePlan {
 public:
  HopperPlan(const api::PlanRequest& request, DecodeFunction function, int group)
      : DecodePlan(request, shape_of(function, group)),
        function_(function),
        group_(group),
        kv_rows_(request.problem.kv_rows()),
        q_rows_(static_cast<std::int64_t>(request.problem.batch()) * request.problem.rows()),
        box_rows_(request.problem.page_size == 0 ? kTokens
                                                 : std::min(request.problem.page_size, kTokens)) {
    MLAWAVE_CUDA_CHECK(cudaFuncSetAttribute(reinterpret_cast<const void*>(function),
                                            cudaFuncAttributeMaxDynamicSharedMemorySize,
                                            SharedLayout::kAllocated));
  }

 protected:
  void launch_main(const DecodeArgs& args, bool dependent, cudaStream_t stream) override {
    Maps maps{tensor_map(args.kv, dtype(), kv_rows_, api::kDQk, box_rows_),
              tensor_map(args.q, dtype(), q_rows_, api::kDQk, kRows)};
    void* parameters[] = {const_cast<DecodeArgs*>(&args), &maps, &group_};
    LaunchShape shape;
    shape.ctas = info().slots * group_;
    shape.threads = kThreads;
    shape.shared_bytes = SharedLayout::kAllocated;
    shape.cluster = cluster_of(group_);
    shape.dependent = dependent;
    launch_kernel(reinterpret_cast<const void*>(function_), shape, parameters, stream);
  }

 private:
  DecodeFunction function_;
  int group_;
  std::int64_t kv_rows_, q_rows_;
  int box_rows_;
};

template <bool Reuse>
class HopperKernel final : public api::Kernel {
 public:
  HopperKernel(std::string_view name, std::string_view description)
      : name_(name), description_(description) {}
  std::string_view name() const override { return name_; }
  std::string_view description() const override { return description_; }
  api::Backend backend() const override { return api::Backend::cuda; }

  api::Support supports(const api::PlanRequest& request) const override {
    int device = 0, major = 0, minor = 0;
    MLAWAVE_CUDA_CHECK(cudaGetDevice(&device));
    MLAWAVE_CUDA_CHECK(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device));
    MLAWAVE_CUDA_CHECK(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, device));
    if (major != 9 || minor != 0)
      return {false, fmt::format("compute capability {}.{}: expected 9.0", major, minor)};
    if (const int page = request.problem.page_size; page > 0 && page < kSmallestPage)
      return {false, fmt::format("page_size {}: expected 0 or at least {}", page, kSmallestPage)};
    if (const api::Support limits = check_limits(request); !limits.ok) return limits;
    if (const int group = group_of(request.problem); request.sms < group)
      return {false, fmt::format("sms {}: {} query rows need at least {}", request.sms,
                                 request.problem.rows(), group)};
    return {};
  }

  std::unique_ptr<api::Plan> plan(const api::PlanRequest& request) const override {
    const int group = group_of(request.problem);
    const api::MlaProblem& p = request.problem;
    return std::make_unique<HopperPlan>(request, variant<Reuse>(p.dtype, group, p.page_size > 0),
                                        group);
  }

 private:
  std::string_view name_, description_;
};

}  // namespace

const api::Kernel& tile_reuse() {
  static const HopperKernel<true> kernel{
      "tile_reuse_sm90",
      "64, 128 or 256 rows, wgmma, V read from the K tile in shared memory (sm_90a)"};
  return kernel;
}

const api::Kernel& baseline() {
  static const HopperKernel<false> kernel{
      "baseline_sm90", "64, 128 or 256 rows, wgmma, V loaded again from the K cache (sm_90a)"};
  return kernel;
}

}  // namespace mlawave::cuda::tile_reuse_sm90
