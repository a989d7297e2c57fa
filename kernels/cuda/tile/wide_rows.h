// What the Hopper kernels with CTAs of 64 query rows share on the host.
#pragma once

#include "kernels/api/kernel.h"
#include "kernels/cuda/tile/decode_plan.h"

namespace mlawave::cuda {

// CTAs of a slot, 1, 2 or 4: a head tile holds up to 256 rows, so that a KV tile is read by up to
// four CTAs at about the same time. Three would not be a number of clusters.
int wide_group(const api::MlaProblem&);

// Whether such a kernel can be planned on the current device; its pages hold `smallest_page` tokens
// at least. Throws CudaError where the device can't be asked.
api::Support check_wide_limits(const api::PlanRequest&, int smallest_page);

inline constexpr int kRowsOfWideCta = 64;

// The kernel, whose parameters are the work, tensor maps and the CTAs of a slot.
struct WideLaunch {
  const void* function;
  int shared_bytes;
  int threads;
};

// A plan of such a kernel, in clusters of two CTAs that share their loads where a slot has more
// than one.
class WidePlan : public DecodePlan {
 protected:
  WidePlan(const api::PlanRequest&, const WideLaunch&);
  void launch_main(const DecodeArgs&, bool dependent, cudaStream_t) final;
  // The kernel's second parameter; until the next call.
  virtual void* make_maps(const DecodeArgs&) = 0;

  const std::int64_t kv_rows_, q_rows_;

 private:
  WideLaunch launch_;
  int group_;
};

}  // namespace mlawave::cuda
