#include "kernels/cuda/tile_reuse_sm90_q/launch.h"

#include <fmt/format.h>

#include <limits>

#include "kernels/cuda/tile/tensor_map.h"
#include "kernels/cuda/tile/wide_kernel.h"
#include "kernels/cuda/tile_reuse_sm90_q/layout.h"
#include "kernels/cuda/tile_reuse_sm90_q/variants.h"

namespace mlawave::cuda::tile_reuse_sm90_q {
namespace {

class HopperPlan final : public WidePlan {
 public:
  HopperPlan(const api::PlanRequest& request, DecodeFunction function)
      : WidePlan(request, {.function = reinterpret_cast<const void*>(function),
                           .shared_bytes = SharedLayout::kBytes,
                           .threads = kThreads,
                           .asks_evict_first = true}) {}

 protected:
  void launch_main(const DecodeArgs& args, bool dependent, cudaStream_t stream) override {
    const Maps maps{block_map(args.kv, dtype(), kv_rows_, kTokens, kQuarterBlocks),
                    block_map(args.q, dtype(), q_rows_, kRows, kQuarterBlocks),
                    block_map(args.kv, dtype(), kv_rows_, kTokens, 1),
                    block_map(args.q, dtype(), q_rows_, kRows, 1)};
    launch_clusters(args, &maps, dependent, stream);
  }
};

class HopperKernel final : public WideKernel {
 public:
  using WideKernel::WideKernel;

  api::Support supports(const api::PlanRequest& request) const override {
    // page_entry() counts in 32 bits.
    const std::int64_t entries = request.problem.batch() * request.problem.max_pages();
    constexpr int kMost = std::numeric_limits<std::int32_t>::max();
    if (entries > kMost)
      return {false, fmt::format("block table of {} entries: expected at most {}", entries, kMost)};
    return WideKernel::supports(request);
  }

  std::unique_ptr<api::Plan> plan(const api::PlanRequest& request) const override {
    const api::MlaProblem& p = request.problem;
    return std::make_unique<HopperPlan>(request, variant(p.dtype, wide_group(p), p.page_size > 0));
  }
};

}  // namespace

const api::Kernel& tile_reuse() {
  static const HopperKernel kernel{"tile_reuse_sm90_q",
                                   "64, 128 or 256 rows, wgmma, Q in registers, V read from the K "
                                   "tile in shared memory (sm_90a)",
                                   kTokens};
  return kernel;
}

}  // namespace mlawave::cuda::tile_reuse_sm90_q
