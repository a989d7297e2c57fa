// S = Q Kᵀ of one tile by one warpgroup.
#pragma once

#include "kernels/cuda/ptx/wgmma.h"
#include "kernels/cuda/ptx/wgmma_wide.h"
#include "kernels/cuda/tile_reuse_sm90/shared.cuh"

namespace mlawave::cuda::tile_reuse_sm90 {

inline constexpr int kScores = kRows * kTokens / 128;  // of a thread: 32

// S in two sums: the tensor cores truncate, and one chain of 36 products would lose too much.
using Chains = float[2][kScores];

// Adds the products of the block at `k` with the block of Q at `q`.
template <api::Dtype D>
__device__ __forceinline__ void multiply_block(Chains& s, std::uint64_t q, std::uint64_t k,
                                               bool accumulate) {
#pragma unroll
  for (int step = 0; step < kBlock / 16; ++step)
    ptx::wgmma_m64n64k16<D>(s[step % 2], ptx::advance(q, step * 32), ptx::advance(k, step * 32),
                            accumulate || step > 1);
}

// Quarter n in the order of tile i: half i % 2 first, as it arrives first.
__device__ __forceinline__ int quarter_in_order(int w, int n) {
  return n < 2 ? 2 * w + n : n - 2 * w;
}

template <api::Dtype D, bool Reuse, int Cluster>
__device__ __forceinline__ void multiply_quarter(const Cta<Cluster>& cta, Chains& s, Place at,
                                                 int quarter) {
  const std::uint32_t offset = quarter * kQuarterBytes;
  const std::uint64_t q = ptx::wgmma_descriptor(cta.base + SharedLayout::kQ + offset);
  const std::uint64_t k = ptx::wgmma_descriptor(cta.block(at.stage, 0) + offset);
  ptx::mbarrier_wait(cta.full(at.set, quarter), consumer_parity(at.set_use));
  ptx::wgmma_fence();
#pragma unroll
  for (int b = 0; b < kQuarterBlocks; ++b)
    multiply_block<D>(s, ptx::advance(q, b * kBlockBytes), ptx::advance(k, b * kBlockBytes), true);
}

// Starts S = Q Kᵀ of tile i = w mod 2 as its pieces arrive: the rotary block, which the caller has
// waited for, and three quarters.
template <api::Dtype D, bool Reuse, int Cluster>
__device__ __forceinline__ void start_scores(const Cta<Cluster>& cta, Chains& s, int i, int w) {
#pragma unroll
  for (auto& chain : s) ptx::pin(chain);
  ptx::wgmma_fence();
  multiply_block<D>(
      s, ptx::wgmma_descriptor(cta.base + SharedLayout::kQ + (kBlocks - 1) * kBlockBytes),
      ptx::wgmma_descriptor(cta.block(i % kStages, kBlocks - 1)), false);
#pragma unroll
  for (int n = 0; n < kQuarters - 1; ++n)
    multiply_quarter<D, Reuse>(cta, s, k_place<Reuse>(i), quarter_in_order(w, n));
}

// The last quarter.
template <api::Dtype D, bool Reuse, int Cluster>
__device__ __forceinline__ void end_scores(const Cta<Cluster>& cta, Chains& s, int i, int w) {
  multiply_quarter<D, Reuse>(cta, s, k_place<Reuse>(i), quarter_in_order(w, kQuarters - 1));
  ptx::wgmma_commit();
}

// Waits until so many groups of products are pending; leaves the sum of the chains in the first.
template <int Pending>
__device__ __forceinline__ void wait_scores(Chains& s) {
  ptx::wgmma_wait<Pending>();
#pragma unroll
  for (auto& chain : s) ptx::pin(chain);
#pragma unroll
  for (int k = 0; k < kScores; ++k) s[0][k] += s[1][k];
}

}  // namespace mlawave::cuda::tile_reuse_sm90
