// What the L2 cache is to keep.
#pragma once

#include <vector_types.h>

#include <cstdint>
#include <cstring>

namespace mlawave::ptx {

// Of data that nobody reads again soon: the L2 replaces it first.
__device__ inline std::uint64_t evict_first_policy() {
  std::uint64_t policy;
  asm("createpolicy.fractional.L2::evict_first.b64 %0, 1.0;" : "=l"(policy));
  return policy;
}

// An entry of a table that every layer of a model reads: the L2 is asked to keep it while a stream
// of other data passes through. Of memory that nothing writes while the kernel runs.
template <class T>
__device__ T load_to_keep(const T* from) {
  static_assert(sizeof(T) % 16 == 0 && alignof(T) == 16);
  std::uint64_t policy;
  asm("createpolicy.fractional.L2::evict_last.b64 %0, 1.0;" : "=l"(policy));
  uint4 pieces[sizeof(T) / 16];
#pragma unroll
  for (auto& x : pieces)
    asm("ld.global.L2::cache_hint.v4.u32 {%0, %1, %2, %3}, [%4], %5;"
        : "=r"(x.x), "=r"(x.y), "=r"(x.z), "=r"(x.w)
        : "l"(reinterpret_cast<const uint4*>(from) + (&x - pieces)), "l"(policy));
  T entry;
  std::memcpy(&entry, pieces, sizeof entry);
  return entry;
}

}  // namespace mlawave::ptx
