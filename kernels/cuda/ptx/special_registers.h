// What a thread can ask about where and when it runs.
#pragma once

namespace mlawave::ptx {

__device__ inline unsigned sm_id() {
  unsigned sm;
  asm volatile("mov.u32 %0, %%smid;" : "=r"(sm));
  return sm;
}

// Nanoseconds of one clock for the whole device; it may stand still for 32 ns and more at a time.
__device__ inline long long global_ns() {
  long long t;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(t));
  return t;
}

}  // namespace mlawave::ptx
