#include "kernels/cuda/tile_reuse_sm90/launch.h"

#include <algorithm>

#include "kernels/cuda/tile/tensor_map.h"
#include "kernels/cuda/tile/wide_rows.h"
#include "kernels/cuda/tile_reuse_sm90/layout.h"
#include "kernels/cuda/tile_reuse_sm90/variants.h"

namespace mlawave::cuda::tile_reuse_sm90 {
namespace {

static_assert(kRows == kRowsOfWideCta);

class HopperPlan final : public WidePlan {
 public:
  HopperPlan(const api::PlanRequest& request, DecodeFunction function)
      : WidePlan(request,
                 {reinterpret_cast<const void*>(function), SharedLayout::kAllocated, kThreads}),
        box_rows_(request.problem.page_size == 0 ? kTokens
                                                 : std::min(request.problem.page_size, kTokens)) {}

 protected:
  void* make_maps(const DecodeArgs& args) override {
    maps_ = {tensor_map(args.kv, dtype(), kv_rows_, api::kDQk, box_rows_),
             tensor_map(args.q, dtype(), q_rows_, api::kDQk, kRows)};
    return &maps_;
  }

 private:
  int box_rows_;
  Maps maps_;
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
    return check_wide_limits(request, kSmallestPage);
  }

  std::unique_ptr<api::Plan> plan(const api::PlanRequest& request) const override {
    const api::MlaProblem& p = request.problem;
    return std::make_unique<HopperPlan>(request,
                                        variant<Reuse>(p.dtype, wide_group(p), p.page_size > 0));
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
