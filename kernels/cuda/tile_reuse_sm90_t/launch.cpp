#include "kernels/cuda/tile_reuse_sm90_t/launch.h"

#include <cuda_runtime.h>
#include <fmt/format.h>

#include "kernels/cuda/base/error.h"
#include "kernels/cuda/base/launch.h"
#include "kernels/cuda/tile/decode_plan.h"
#include "kernels/cuda/tile/hopper.h"
#include "kernels/cuda/tile/tensor_map.h"
#include "kernels/cuda/tile_reuse_sm90_t/variants.h"

namespace mlawave::cuda::tile_reuse_sm90_t {
namespace {

int rows_per_tile(const api::PlanRequest& request) {
  const int rows = request.problem.rows();
  if (rows <= 16) return 16;
  if (rows <= 32) return 32;
  return rows <= 64 || request.sms < 2 ? 64 : 128;
}

const void* address(const Variant& v) { return reinterpret_cast<const void*>(v.function); }

TileShape shape_of(const Variant& v) {
  cudaFuncAttributes attributes{};
  MLAWAVE_CUDA_CHECK(cudaFuncGetAttributes(&attributes, address(v)));
  // Runs on an H100, stream_k with one range a slot: the slope over 512 to 1024 tokens.
  const int step_ns = v.rows == 16 ? 1460 : v.rows == 32 ? 2300 : 0;
  return {.rows_per_tile = v.rows * v.ctas,
          .ctas_per_sm = 1,
          .ctas_per_tile = v.ctas,
          .shared_bytes_per_cta = v.shared_bytes,
          .registers_per_thread = attributes.numRegs,
          .threads_per_cta = v.threads,
          .partials = v.partials,
          .step_ns = step_ns,
          .reads_once = true};
}

class TransposedPlan final : public DecodePlan {
 public:
  TransposedPlan(const api::PlanRequest& request, const Variant& variant)
      : DecodePlan(request, shape_of(variant)),
        variant_(variant),
        kv_rows_(request.problem.kv_rows()),
        q_rows_(static_cast<std::int64_t>(request.problem.batch()) * request.problem.rows()) {
    MLAWAVE_CUDA_CHECK(cudaFuncSetAttribute(
        address(variant), cudaFuncAttributeMaxDynamicSharedMemorySize, variant.shared_bytes));
  }

 protected:
  void launch_main(const DecodeArgs& args, bool dependent, cudaStream_t stream) override {
    Maps maps;
    maps.k = block_map(args.kv, dtype(), kv_rows_, kTokens, kGroupBlocks);
    maps.v = block_map(args.kv, dtype(), kv_rows_, kTokens, kVCopyBlocks);
    for (int i = 0; i < kShortHeights; ++i)
      maps.short_kv[i] = block_map(args.kv, dtype(), kv_rows_, (i + 1) * kRowStep, 1);
    maps.q = block_map(args.q, dtype(), q_rows_, variant_.rows, kBlocks);
    void* parameters[] = {const_cast<DecodeArgs*>(&args), &maps};
    LaunchShape shape;
    shape.ctas = info().slots * variant_.ctas;
    shape.threads = variant_.threads;
    shape.shared_bytes = variant_.shared_bytes;
    shape.cluster = variant_.ctas;
    shape.dependent = dependent;
    launch_kernel(address(variant_), shape, parameters, stream);
  }

 private:
  Variant variant_;
  std::int64_t kv_rows_, q_rows_;
};

template <VSource V>
class TransposedKernel final : public api::Kernel {
 public:
  TransposedKernel(std::string_view name, std::string_view description)
      : name_(name), description_(description) {}
  std::string_view name() const override { return name_; }
  std::string_view description() const override { return description_; }
  api::Backend backend() const override { return api::Backend::cuda; }

  api::Support supports(const api::PlanRequest& request) const override {
    if (const api::Support hopper = check_hopper(); !hopper.ok) return hopper;
    if (const int page = request.problem.page_size; page > 0 && page < kRowStep)
      return {false,
              fmt::format("page_size {}: expected 0 or at least {}, a box of the copy engine", page,
                          kRowStep)};
    return api::check_limits(request);
  }

  std::unique_ptr<api::Plan> plan(const api::PlanRequest& request) const override {
    return std::make_unique<TransposedPlan>(
        request, variant<V>(request.problem.dtype, rows_per_tile(request)));
  }

 private:
  std::string_view name_, description_;
};

}  // namespace

const api::Kernel& baseline() {
  static const TransposedKernel<VSource::reload> kernel{
      "baseline_sm90_t", "16 to 128 rows, transposed wgmma, V loaded again (sm_90a)"};
  return kernel;
}

const api::Kernel& tile_reuse() {
  static const TransposedKernel<VSource::reuse> kernel{
      "tile_reuse_sm90_t", "16 to 128 rows, transposed wgmma, V read from the K tile (sm_90a)"};
  return kernel;
}

}  // namespace mlawave::cuda::tile_reuse_sm90_t
