// Partial results in half the bytes: a row's 256 columns of one warpgroup as 16-bit integers with
// one scale. The rounding (at most 2^-16 of the largest) is far below that of the output; it keeps
// no more than that of a column much smaller than its neighbours.
//
// A uint4 holds eight columns of a row, in the order in which a lane has them in its accumulator,
// so that the kernel has nothing to swap. There are two orders, for O and for its transpose.
#pragma once

#include <vector_types.h>

#include <cstdint>

#include "kernels/api/problem.h"
#include "kernels/schedule/schedule.h"

namespace mlawave::cuda {

inline constexpr int kPackedColumns = 8;                      // of a uint4
inline constexpr int kPackedRow = api::kDV / kPackedColumns;  // uint4 of a row
inline constexpr int kScaledColumns = 256;                    // that have one scale
inline constexpr int kRowScales = api::kDV / kScaledColumns;  // 2

enum class PartialFormat {
  f32,             // DecodeArgs::partial_o
  packed_rows,     // written from an accumulator whose rows are query rows
  packed_columns,  // from one whose rows are V columns
};

// Column of number i = 0..7 of a row's uint4 `piece`. packed_rows: lane c of the four that share a
// row writes pieces 4 j + c, of two neighbours in each of four blocks of 8 columns.
MLAWAVE_HD constexpr int column_in_rows(int piece, int i) {
  return piece / 4 * 32 + i / 2 * 8 + piece % 4 * 2 + i % 2;
}
// packed_columns: lane / 4 = t of warp w of warpgroup g writes piece 32 g + 8 w + t, of columns t
// and t + 8 of the warp's 16 in each of four blocks of 64. Eight lanes write 128 bytes of a row.
MLAWAVE_HD constexpr int column_in_columns(int piece, int i) {
  return piece / 32 * 256 + piece % 32 / 8 * 16 + piece % 8 + i / 2 * 64 + i % 2 * 8;
}

struct PackedPartials {
  uint4* o;      // [partial][rows_per_tile][kPackedRow]
  float* scale;  // [partial][rows_per_tile][kRowScales]
};

#ifdef __CUDACC__
// NaN if one is.
__device__ __forceinline__ float max_or_nan(float x, float y) {
  asm("max.NaN.f32 %0, %0, %1;" : "+f"(x) : "f"(y));
  return x;
}

inline constexpr float kPackedTop = 32767.f;      // what the largest of a half row becomes
inline constexpr float kSmallestTop = 0x1p-100f;  // at least: so that the scale's inverse is finite

// Added to a number of at most kPackedTop, 2^23 + 2^15 leaves it, rounded, in the low 16 bits.
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
