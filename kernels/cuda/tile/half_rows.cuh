// 64 rows of 256 columns of O in the registers of one warpgroup, as wgmma leaves them, and their
// way to memory: of a thread, rows lane/4 and lane/4 + 8 of its warp's 16, two of every eight
// columns.
#pragma once

#include <cstdint>

#include "kernels/cuda/ptx/mma.h"
#include "kernels/cuda/tile/packed_partial.h"
#include "kernels/cuda/tile/row_sum.cuh"
#include "kernels/cuda/tile/wide_rows.h"

namespace mlawave::cuda {

using HalfRows = float[kWideRows * kScaledColumns / 128];  // 32 blocks of 8 columns

// Of the four lanes that have a row.
__device__ __forceinline__ float quad_max(float x) {
  x = fmaxf(x, __shfl_xor_sync(~0u, x, 1));
  return fmaxf(x, __shfl_xor_sync(~0u, x, 2));
}

__device__ __forceinline__ float quad_sum(float x) {
  x += __shfl_xor_sync(~0u, x, 1);
  return x + __shfl_xor_sync(~0u, x, 2);
}

// Neighbouring lanes swap halves of two blocks of 8 columns, so that each has four columns in a
// row: even ones of the first block, odd ones of the second. The first of them:
__device__ __forceinline__ int swapped_column(int lane) {
  return (lane % 2 != 0 ? 8 : 0) + 4 * (lane % 4 / 2);
}

// Half a row to `to`, in 16 bits a column.
__device__ __forceinline__ void write_partial(uint4* to, float* scale, bool exists,
                                              const HalfRows& o, int r) {
  float top[2] = {kSmallestTop, kSmallestTop};
#pragma unroll
  for (int j = 0; j < kScaledColumns / 8; ++j)
#pragma unroll
    for (int e = 0; e < 2; ++e) top[e] = max_or_nan(top[e], fabsf(o[4 * j + 2 * r + e]));
  float all = max_or_nan(top[0], top[1]);
  all = max_or_nan(all, __shfl_xor_sync(~0u, all, 1));
  all = max_or_nan(all, __shfl_xor_sync(~0u, all, 2)) / kPackedTop;
  if (!exists) return;
  const float inverse = 1.f / all;
#pragma unroll
  for (int j = 0; j < kScaledColumns / 8; j += 4) {
    const auto packed = [&](int k) {
      return pack_partial(o[4 * (j + k) + 2 * r], o[4 * (j + k) + 2 * r + 1], inverse);
    };
    to[j] = make_uint4(packed(0), packed(1), packed(2), packed(3));
  }
  if (threadIdx.x % 4 == 0) *scale = all;
}

template <api::Dtype D>
__device__ __forceinline__ void write_output(std::uint16_t* to, bool exists, const HalfRows& o,
                                             int r, float norm) {
  const bool odd = threadIdx.x % 2 != 0;
#pragma unroll
  for (int j = 0; j < kScaledColumns / 8; j += 2) {
    const float* x = o + 4 * j + 2 * r;
    const std::uint32_t first = ptx::pack<D>(x[0] * norm, x[1] * norm);
    const std::uint32_t second = ptx::pack<D>(x[4] * norm, x[5] * norm);
    const std::uint32_t other = __shfl_xor_sync(~0u, odd ? first : second, 1);
    if (exists)
      *reinterpret_cast<uint2*>(to + 8 * j) =
          odd ? make_uint2(other, second) : make_uint2(first, other);
  }
}

// The columns of warpgroup w, to the partial results or the output, by a lane of its warp `warp`.
// `norm(r, cta_row)`: inverse sum of this lane's row r, which is row `cta_row` of the CTA.
template <api::Dtype D, class Cta, class Note, class Norm>
__device__ __forceinline__ void write_half_rows(const Cta& cta, const Note& note, int w, int lane,
                                                int warp, const HalfRows& o, const Norm& norm) {
#pragma unroll
  for (int r = 0; r < 2; ++r) {
    const int cta_row = 16 * warp + lane / 4 + 8 * r;
    const int row = static_cast<int>(note.tile) * cta.tile_rows() + cta.first_row() + cta_row;
    const bool exists = row < cta.args.rows();  // else padding of the last head tile
    if (note.partial >= 0) {
      const std::int64_t at =
          static_cast<std::int64_t>(note.partial) * cta.tile_rows() + cta.first_row() + cta_row;
      write_partial(cta.args.packed.o + at * kPackedRow + w * (kPackedRow / 2) + lane % 4,
                    cta.args.packed.scale + at * kRowScales + w, exists, o, r);
    } else {
      const std::int64_t at = static_cast<std::int64_t>(note.request) * cta.args.rows() + row;
      write_output<D>(static_cast<std::uint16_t*>(cta.args.out) + at * api::kDV +
                          w * kScaledColumns + swapped_column(lane),
                      exists, o, r, norm(r, cta_row));
    }
  }
}

// The sum `l` of 2^(s - base) of query row `row`, which is row `cta_row` of the CTA, to the combine
// or the caller.
template <class Cta, class Note>
__device__ __forceinline__ void write_sum(const Cta& cta, const Note& note, int row, int cta_row,
                                          float base, float l) {
  if (note.partial >= 0)
    cta.args.partial_ml[static_cast<std::int64_t>(note.partial) * cta.tile_rows() +
                        cta.first_row() + cta_row] = make_float2(l == 0.f ? -INFINITY : base, l);
  else
    cta.args.lse[static_cast<std::int64_t>(note.request) * cta.args.rows() + row] =
        log_sum_exp(base, l);
}

}  // namespace mlawave::cuda
