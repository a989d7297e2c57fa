// A value warpgroup: O += P V for half of the V columns, two accumulators of 64 × 128 in registers.
#pragma once

#include "kernels/cuda/ptx/mma.h"
#include "kernels/cuda/ptx/warpgroup.h"
#include "kernels/cuda/ptx/wgmma.h"
#include "kernels/cuda/ptx/wgmma_wide.h"
#include "kernels/cuda/tile_reuse_sm90/shared.cuh"

namespace mlawave::cuda::tile_reuse_sm90 {

// Of one thread: [quarter] m16n8k16 accumulators of 16 blocks of 8 columns.
using Outputs = float[2][kRows * kQuarterColumns / 128];

// Read anew at each use: kept, it and what follows from it would take registers that O needs.
__device__ __forceinline__ int thread_of_warpgroup() {
  int thread;
  asm volatile("mov.u32 %0, %tid.x;" : "=r"(thread));
  return thread % 128;
}

// Tokens behind the last one: what was copied there must not reach P V as 0 · NaN.
template <int Half, int Cluster>
__device__ __forceinline__ void zero_tail(const Cta<Cluster>& cta, int stage, int count) {
  char* tile = cta.template pointer<char>(cta.block(stage, Half * 2 * kQuarterBlocks));
  const int chunks = (kTokens - count) * 8;  // of 16 bytes, in a block
  for (int b = 0; b < 2 * kQuarterBlocks; ++b)
    for (int i = thread_of_warpgroup(); i < chunks; i += 128)
      *reinterpret_cast<uint4*>(tile + b * kBlockBytes + count * 128 + i * 16) =
          make_uint4(0, 0, 0, 0);
  ptx::fence_async_shared();
  ptx::warpgroup_sync<1 + Half>();
}

template <int Cluster>
__device__ __forceinline__ void shrink(const Cta<Cluster>& cta, Outputs& o) {
  const int lane = thread_of_warpgroup() % 32, warp = thread_of_warpgroup() / 32;
  if (cta.shrinks()[warp] == 0) return;
  const float low = cta.shrink()[16 * warp + lane / 4],
              high = cta.shrink()[16 * warp + lane / 4 + 8];
#pragma unroll
  for (auto& quarter : o)
#pragma unroll
    for (int j = 0; j < kQuarterColumns / 8; ++j) {
      quarter[4 * j] *= low, quarter[4 * j + 1] *= low;
      quarter[4 * j + 2] *= high, quarter[4 * j + 3] *= high;
    }
}

// Starts O (+)= P V for one quarter of the columns.
template <api::Dtype D, int Cluster>
__device__ __forceinline__ void start_values(const Cta<Cluster>& cta, float (&o)[64], int stage,
                                             int quarter, bool accumulate) {
  const std::uint64_t p = ptx::wgmma_descriptor(cta.base + SharedLayout::kP);
  const std::uint64_t v =
      ptx::wgmma_descriptor(cta.block(stage, quarter * kQuarterBlocks), kBlockBytes);
  ptx::pin(o);
  ptx::wgmma_fence();
#pragma unroll
  for (int step = 0; step < kTokens / 16; ++step)
    ptx::wgmma_m64n128k16<D>(o, ptx::advance(p, step * 32), ptx::advance(v, step * 16 * 128),
                             accumulate || step > 0);
  ptx::wgmma_commit();
}

// O (+)= P V; the first quarter is released as soon as it is done.
template <api::Dtype D, int HoldBack, int Half, int Cluster>
__device__ __forceinline__ void add_values(const Cta<Cluster>& cta, Outputs& o, int i, int stage,
                                           int flags) {
  const bool accumulate = !(flags & kFirst);
  start_values<D>(cta, o[0], stage, 2 * Half, accumulate);
  if constexpr (Half < HoldBack) {
    ptx::wgmma_wait<0>();
    if (thread_of_warpgroup() % 32 == 0) cta.release(cta.empty(stage, 2 * Half));
    if (!(flags & kFinal)) ptx::mbarrier_wait(cta.s_full(), consumer_parity(i + 1));
    start_values<D>(cta, o[1], stage, 2 * Half + 1, accumulate);
  } else {
    start_values<D>(cta, o[1], stage, 2 * Half + 1, accumulate);
    ptx::wgmma_wait<1>();
    if (thread_of_warpgroup() % 32 == 0) cta.release(cta.empty(stage, 2 * Half));
  }
  ptx::wgmma_wait<0>();
#pragma unroll
  for (auto& quarter : o) ptx::pin(quarter);
}

// Neighbouring lanes swap halves of two blocks of 8 columns, so that each has four columns in a
// row: even ones of the first block, odd ones of the second. The first of them:
__device__ __forceinline__ int swapped_column(int lane) {
  return (lane % 2 != 0 ? 8 : 0) + 4 * (lane % 4 / 2);
}

template <int Half>
__device__ __forceinline__ void write_partial(float* to, bool exists, const Outputs& o, int r) {
  const bool odd = thread_of_warpgroup() % 2 != 0;
#pragma unroll
  for (int k = 0; k < 2; ++k)
#pragma unroll
    for (int j = 0; j < kQuarterColumns / 8; j += 2) {
      const float* x = o[k] + 4 * j + 2 * r;
      const float other0 = __shfl_xor_sync(~0u, odd ? x[0] : x[4], 1);
      const float other1 = __shfl_xor_sync(~0u, odd ? x[1] : x[5], 1);
      if (exists)
        *reinterpret_cast<float4*>(to + (2 * Half + k) * kQuarterColumns + 8 * j) =
            odd ? make_float4(other0, other1, x[4], x[5]) : make_float4(x[0], x[1], other0, other1);
    }
}

template <api::Dtype D, int Half>
__device__ __forceinline__ void write_output(std::uint16_t* to, bool exists, const Outputs& o,
                                             int r, float norm) {
  const bool odd = thread_of_warpgroup() % 2 != 0;
#pragma unroll
  for (int k = 0; k < 2; ++k)
#pragma unroll
    for (int j = 0; j < kQuarterColumns / 8; j += 2) {
      const float* x = o[k] + 4 * j + 2 * r;
      const std::uint32_t first = ptx::pack<D>(x[0] * norm, x[1] * norm);
      const std::uint32_t second = ptx::pack<D>(x[4] * norm, x[5] * norm);
      const std::uint32_t other = __shfl_xor_sync(~0u, odd ? first : second, 1);
      if (exists)
        *reinterpret_cast<uint2*>(to + (2 * Half + k) * kQuarterColumns + 8 * j) =
            odd ? make_uint2(other, second) : make_uint2(first, other);
    }
}

// Straight from registers, so that loads and scores of the next segment run on.
template <api::Dtype D, int Half, int Cluster>
__device__ __forceinline__ void write_rows(const Cta<Cluster>& cta, int request, int tile,
                                           int partial, const Outputs& o, const float (&norm)[2]) {
  const int lane = thread_of_warpgroup() % 32, warp = thread_of_warpgroup() / 32;
#pragma unroll
  for (int r = 0; r < 2; ++r) {
    const int cta_row = 16 * warp + lane / 4 + 8 * r;
    const int row = tile * cta.tile_rows() + cta.first_row() + cta_row;
    const bool exists = row < cta.args.rows();  // else padding of the last head tile
    if (partial >= 0) {
      const std::int64_t at =
          static_cast<std::int64_t>(partial) * cta.tile_rows() + cta.first_row() + cta_row;
      write_partial<Half>(cta.args.partial_o + at * api::kDV + swapped_column(lane), exists, o, r);
    } else {
      const std::int64_t at = static_cast<std::int64_t>(request) * cta.args.rows() + row;
      write_output<D, Half>(
          static_cast<std::uint16_t*>(cta.args.out) + at * api::kDV + swapped_column(lane), exists,
          o, r, norm[r]);
    }
  }
}

template <api::Dtype D, bool Reuse, int HoldBack, int Half, int Cluster>
__device__ __forceinline__ void accumulate_values(const Cta<Cluster>& cta) {
  Outputs o = {};
  for (int i = 0;; ++i) {
    ptx::mbarrier_wait(cta.p_full(), consumer_parity(i));
    const int flags = cta.note(i).flags;
    if (flags & kNothing) return;
    const Place at = v_place<Reuse>(i);
    if constexpr (!Reuse) {
      ptx::mbarrier_wait(cta.full(at.stage, 2 * Half), consumer_parity(at.use));
      ptx::mbarrier_wait(cta.full(at.stage, 2 * Half + 1), consumer_parity(at.use));
    }
    if (const int count = cta.note(i).count; count < kTokens) zero_tail<Half>(cta, at.stage, count);
    if (!(flags & kFirst)) shrink(cta, o);
    add_values<D, HoldBack, Half>(cta, o, i, at.stage, flags);
    const int request = cta.note(i).request, tile = cta.note(i).tile, partial = cta.note(i).partial;
    float norm[2] = {};
    if (flags & kLast) {
      const float* at_row =
          cta.norm() + thread_of_warpgroup() / 32 * 16 + thread_of_warpgroup() % 32 / 4;
      norm[0] = at_row[0], norm[1] = at_row[8];
    }
    __syncwarp();
    if (thread_of_warpgroup() % 32 == 0) {
      cta.release(cta.empty(at.stage, 2 * Half + 1));
      ptx::mbarrier_arrive(cta.p_empty());
    }
    if (flags & kLast) write_rows<D, Half>(cta, request, tile, partial, o, norm);
    if (flags & kFinal) return;
  }
}

}  // namespace mlawave::cuda::tile_reuse_sm90
