// O += P V of one warpgroup: an accumulator of 64 × 256 in registers, and its way to memory.
#pragma once

#include "kernels/cuda/ptx/warpgroup.h"
#include "kernels/cuda/tile/half_rows.cuh"
#include "kernels/cuda/tile_reuse_sm90/softmax.cuh"

namespace mlawave::cuda::tile_reuse_sm90 {

using Outputs = HalfRows;
static_assert(kHalfColumns == kScaledColumns);

template <int Cluster>
__device__ __forceinline__ std::uint64_t v_descriptor(const Cta<Cluster>& cta, int stage, int w) {
  return ptx::wgmma_descriptor(cta.block(stage, w * kHalfBlocks), kBlockBytes);
}

// Starts O (+)= P V with P from shared memory, where the other warpgroup left it.
template <api::Dtype D, int Cluster>
__device__ __forceinline__ void start_values(const Cta<Cluster>& cta, Outputs& o, std::uint64_t v,
                                             bool accumulate) {
  const std::uint64_t p = ptx::wgmma_descriptor(cta.base + SharedLayout::kP);
  ptx::pin(o);
  ptx::wgmma_fence();
#pragma unroll
  for (int step = 0; step < kTokens / 16; ++step)
    ptx::wgmma_m64n256k16<D>(o, ptx::advance(p, step * 32), ptx::advance(v, step * 16 * 128),
                             accumulate || step > 0);
  ptx::wgmma_commit();
}

// The same with P from registers.
template <api::Dtype D>
__device__ __forceinline__ void start_values(Outputs& o, Probabilities& p, std::uint64_t v,
                                             bool accumulate) {
  ptx::pin(o);
  pin(p);
  ptx::wgmma_fence();
#pragma unroll
  for (int step = 0; step < kTokens / 16; ++step)
    ptx::wgmma_m64n256k16<D>(o, p[2 * step][0], p[2 * step][1], p[2 * step + 1][0],
                             p[2 * step + 1][1], ptx::advance(v, step * 16 * 128),
                             accumulate || step > 0);
  ptx::wgmma_commit();
}

__device__ __forceinline__ void wait_values(Outputs& o) {
  ptx::wgmma_wait<0>();
  ptx::pin(o);
}

__device__ __forceinline__ void scale_rows(Outputs& o, const float (&factor)[2]) {
#pragma unroll
  for (int j = 0; j < kHalfColumns / 8; ++j) {
    o[4 * j] *= factor[0], o[4 * j + 1] *= factor[0];
    o[4 * j + 2] *= factor[1], o[4 * j + 3] *= factor[1];
  }
}

// Tokens behind the last one: what was copied there must not reach P V as 0 · NaN.
template <int Cluster>
__device__ __forceinline__ void zero_tail(const Cta<Cluster>& cta, int stage, int count) {
  char* tile = cta.template pointer<char>(cta.block(stage, 0));
  const int chunks = (kTokens - count) * 8;  // of 16 bytes, in a block
  for (int b = 0; b < 2 * kHalfBlocks; ++b)
    for (int i = threadIdx.x % 128; i < chunks; i += 128)
      *reinterpret_cast<uint4*>(tile + b * kBlockBytes + count * 128 + i * 16) =
          make_uint4(0, 0, 0, 0);
  ptx::fence_async_shared();
}

// The columns of warpgroup w. Straight from registers, so that loads and the other warpgroup run
// on.
template <api::Dtype D, int Cluster>
__device__ __forceinline__ void write_rows(const Cta<Cluster>& cta, const TileNote& note, int w,
                                           const Outputs& o, const float (&norm)[2]) {
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32 % 4;
  write_half_rows<D>(cta, note, w, lane, warp, o, [&](int r, int) { return norm[r]; });
}

}  // namespace mlawave::cuda::tile_reuse_sm90
