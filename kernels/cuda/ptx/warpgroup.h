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

// Waits for the 128 threads that share barrier Id (1..15).
template <int Id>
__device__ inline void warpgroup_sync() {
  asm volatile("bar.sync %0, 128;" ::"n"(Id) : "memory");
}

}  // namespace mlawave::ptx
