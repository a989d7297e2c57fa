// What a thread can ask about where and when it runs.
#pragma once

namespace mlawave::ptx {

__device__ inline unsigned sm_id() {
  unsigned sm;
  asm volatile("mov.u32 %0, %%smid;" : "=r"(sm));
  return sm;
}

// threadIdx.x, read anew: the compiler keeps nothing that follows from it from one use to the next.
__device__ inline unsigned thread_anew() {
  unsigned thread;
  asm volatile("mov.u32 %0, %%tid.x;" : "=r"(thread));
  return thread;
}

// Nanoseconds of one clock for the whole device; it may stand still for 32 ns and more at a time.
__device__ inline long long global_ns() {
  long long t;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(t));
  return t;
}

}  // namespace mlawave::ptx
