#include "kernels/cuda/tile_reuse_sm90_q/launch.h"

#include <fmt/format.h>

#include <limits>

#include "kernels/cuda/tile/tensor_map.h"
#include "kernels/cuda/tile/wide_rows.h"
#include "kernels/cuda/tile_reuse_sm90_q/layout.h"
#include "kernels/cuda/tile_reuse_sm90_q/variants.h"

namespace mlawave::cuda::tile_reuse_sm90_q {
namespace {

static_assert(kRows == kRowsOfWideCta);

class HopperPlan final : public WidePlan {
 public:
  HopperPlan(const api::PlanRequest& request, DecodeFunction function)
      : WidePlan(request,
                 {reinterpret_cast<const void*>(function), SharedLayout::kBytes, kThreads}) {}

 protected:
  void* make_maps(const DecodeArgs& args) override {
    maps_ = {block_map(args.kv, dtype(), kv_rows_, kTokens, kQuarterBlocks),
             block_map(args.q, dtype(), q_rows_, kRows, kQuarterBlocks),
             block_map(args.kv, dtype(), kv_rows_, kTokens, 1),
             block_map(args.q, dtype(), q_rows_, kRows, 1)};
    return &maps_;
  }

 private:
  Maps maps_;
};

class HopperKernel final : public api::Kernel {
 public:
  HopperKernel(std::string_view name, std::string_view description)
      : name_(name), description_(description) {}
  std::string_view name() const override { return name_; }
  std::string_view description() const override { return description_; }
  api::Backend backend() const override { return api::Backend::cuda; }

  api::Support supports(const api::PlanRequest& request) const override {
    // The kernel counts them in 32 bits.
    const api::MlaProblem& p = request.problem;
    if (const std::int64_t pages = p.page_size == 0 ? 0 : p.batch() * p.max_pages();
        pages > std::numeric_limits<std::int32_t>::max())
      return {false, fmt::format("block table of {} entries: expected at most {}", pages,
                                 std::numeric_limits<std::int32_t>::max())};
    return check_wide_limits(request, kTokens);
  }

  std::unique_ptr<api::Plan> plan(const api::PlanRequest& request) const override {
    const api::MlaProblem& p = request.problem;
    return std::make_unique<HopperPlan>(request, variant(p.dtype, wide_group(p), p.page_size > 0));
  }

 private:
  std::string_view name_, description_;
};

}  // namespace

const api::Kernel& tile_reuse() {
  static const HopperKernel kernel{"tile_reuse_sm90_q",
                                   "64, 128 or 256 rows, wgmma, Q in registers, V read from the K "
                                   "tile in shared memory (sm_90a)"};
  return kernel;
}

}  // namespace mlawave::cuda::tile_reuse_sm90_q
