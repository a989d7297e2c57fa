#include "kernels/cuda/tile_reuse_sm90/launch.h"

#include <algorithm>

#include "kernels/cuda/tile/tensor_map.h"
#include "kernels/cuda/tile/wide_kernel.h"
#include "kernels/cuda/tile_reuse_sm90/layout.h"
#include "kernels/cuda/tile_reuse_sm90/variants.h"

namespace mlawave::cuda::tile_reuse_sm90 {
namespace {

class HopperPlan final : public WidePlan {
 public:
  HopperPlan(const api::PlanRequest& request, DecodeFunction function)
      : WidePlan(request,
                 {reinterpret_cast<const void*>(function), SharedLayout::kAllocated, kThreads}),
        box_rows_(request.problem.page_size == 0 ? kTokens
                                                 : std::min(request.problem.page_size, kTokens)) {}

 protected:
  void launch_main(const DecodeArgs& args, bool dependent, cudaStream_t stream) override {
    const Maps maps{tensor_map(args.kv, dtype(), kv_rows_, api::kDQk, box_rows_),
                    tensor_map(args.q, dtype(), q_rows_, api::kDQk, kRows)};
    launch_clusters(args, &maps, dependent, stream);
  }

 private:
  int box_rows_;
};

template <bool Reuse>
class HopperKernel final : public WideKernel {
 public:
  using WideKernel::WideKernel;

  std::unique_ptr<api::Plan> plan(const api::PlanRequest& request) const override {
    const api::MlaProblem& p = request.problem;
    return std::make_unique<HopperPlan>(request,
                                        variant<Reuse>(p.dtype, wide_group(p), p.page_size > 0));
  }
};

}  // namespace

const api::Kernel& tile_reuse() {
  static const HopperKernel<true> kernel{
      "tile_reuse_sm90",
      "64, 128 or 256 rows, wgmma, V read from the K tile in shared memory (sm_90a)",
      kSmallestPage};
  return kernel;
}

const api::Kernel& baseline() {
  static const HopperKernel<false> kernel{
      "baseline_sm90", "64, 128 or 256 rows, wgmma, V loaded again from the K cache (sm_90a)",
      kSmallestPage};
  return kernel;
}

}  // namespace mlawave::cuda::tile_reuse_sm90
