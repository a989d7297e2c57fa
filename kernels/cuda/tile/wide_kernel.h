// The host half that the Hopper kernels with CTAs of 64 query rows share.
#pragma once

#include <string_view>

#include "kernels/api/kernel.h"
#include "kernels/cuda/tile/decode_plan.h"
#include "kernels/cuda/tile/wide_rows.h"

namespace mlawave::cuda {

class WideKernel : public api::Kernel {
 public:
  // `smallest_page`: tokens that a page holds at least.
  WideKernel(std::string_view name, std::string_view description, int smallest_page)
      : name_(name), description_(description), smallest_page_(smallest_page) {}
  std::string_view name() const override { return name_; }
  std::string_view description() const override { return description_; }
  api::Backend backend() const override { return api::Backend::cuda; }
  // On the current device. Throws CudaError where that can't be asked.
  api::Support supports(const api::PlanRequest&) const override;

 private:
  std::string_view name_, description_;
  int smallest_page_;
};

// The kernel, whose parameters are the work, tensor maps and the CTAs of a slot.
struct WideLaunch {
  const void* function;
  int shared_bytes;
  int threads;
  bool asks_evict_first = false;  // DecodeArgs::evict_first
};

// A plan of such a kernel, in clusters of two CTAs that share their loads where a slot has more
// than one. What derives from it makes the tensor maps in launch_main() and calls
// launch_clusters().
class WidePlan : public DecodePlan {
 protected:
  WidePlan(const api::PlanRequest&, const WideLaunch&);
  void launch_clusters(const DecodeArgs&, const void* maps, bool dependent, cudaStream_t);

  const std::int64_t kv_rows_, q_rows_;

 private:
  WideLaunch launch_;
  int group_;
};

}  // namespace mlawave::cuda
