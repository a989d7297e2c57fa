// Partial results in half the bytes: a row's 256 columns of one warpgroup as 16-bit integers with
// one scale. The rounding (at most 2^-16 of the largest) is far below that of the output; it keeps
// no more than that of a column much smaller than its neighbours.
//
// A uint4 holds eight columns: 32 j + 8 k + 2 c + {0, 1}, k = 0..3, as number 4 j + c of the row.
// That is what a lane c of four has of an accumulator, so nothing has to be swapped.
#pragma once

#include <vector_types.h>

#include <cstdint>

#include "kernels/api/problem.h"

namespace mlawave::cuda {

inline constexpr int kPackedColumns = 8;                      // of a uint4
inline constexpr int kPackedRow = api::kDV / kPackedColumns;  // uint4 of a row
inline constexpr int kScaledColumns = 256;                    // that have one scale
inline constexpr int kRowScales = api::kDV / kScaledColumns;  // 2

struct PackedPartials {
  uint4* o;      // [partial][rows_per_tile][kPackedRow]; null: the kernel writes partial_o
  float* scale;  // [partial][rows_per_tile][kRowScales]
};

#ifdef __CUDACC__
// Added to a number of at most 32767, 2^23 + 2^15 leaves it, rounded, in the low 16 bits.
inline constexpr float kPackOffset = 8388608.f + 32768.f;

// `inverse`: of the scale.
__device__ __forceinline__ std::uint32_t pack_partial(float x0, float x1, float inverse) {
  return __byte_perm(__float_as_uint(fmaf(x0, inverse, kPackOffset)),
                     __float_as_uint(fmaf(x1, inverse, kPackOffset)), 0x5410);
}

// Both numbers in units of the scale.
__device__ __forceinline__ float2 unpack_partial(std::uint32_t x) {
  constexpr std::uint32_t kExponent = 0x4b000000;  // 2^23
  return make_float2(__uint_as_float(__byte_perm(x, kExponent, 0x7610)) - kPackOffset,
                     __uint_as_float(__byte_perm(x, kExponent, 0x7632)) - kPackOffset);
}
#endif

}  // namespace mlawave::cuda
