// What a warpgroup does as a whole besides its matrix products (sm_90a).
#pragma once

#include <cstdint>

namespace mlawave::ptx {

// Registers a thread may use from here on: a multiple of 8, 24..240. Every warp of the warpgroup;
// `take` waits until other warpgroups have given enough away.
template <int Count>
__device__ inline void give_registers() {
  asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(Count));
}
template <int Count>
__device__ inline void take_registers() {
  asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(Count));
}

// Barrier `id` (1..15) of `Threads` threads: waits for all; and counts only.
template <int Threads>
__device__ inline void barrier_sync(int id) {
  asm volatile("bar.sync %0, %1;" ::"r"(id), "n"(Threads) : "memory");
}
template <int Threads>
__device__ inline void barrier_arrive(int id) {
  asm volatile("bar.arrive %0, %1;" ::"r"(id), "n"(Threads) : "memory");
}

}  // namespace mlawave::ptx
