// What the L2 cache is to keep.
#pragma once

#include <vector_types.h>

#include <cstdint>

namespace mlawave::ptx {

// 16 bytes that the L2 is asked to keep while a stream of other data passes through it.
__device__ inline uint4 load_to_keep(const uint4* from) {
  std::uint64_t policy;
  asm volatile("createpolicy.fractional.L2::evict_last.b64 %0, 1.0;" : "=l"(policy));
  uint4 x;
  asm volatile("ld.global.L2::cache_hint.v4.u32 {%0, %1, %2, %3}, [%4], %5;"
               : "=r"(x.x), "=r"(x.y), "=r"(x.z), "=r"(x.w)
               : "l"(from), "l"(policy)
               : "memory");
  return x;
}

}  // namespace mlawave::ptx
