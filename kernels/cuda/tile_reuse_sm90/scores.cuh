// The score warpgroup: S = Q Kᵀ, softmax, P to shared memory.
#pragma once

#include "kernels/cuda/ptx/mma.h"
#include "kernels/cuda/ptx/stmatrix.h"
#include "kernels/cuda/ptx/warpgroup.h"
#include "kernels/cuda/ptx/wgmma.h"
#include "kernels/cuda/ptx/wgmma_wide.h"
#include "kernels/cuda/tile_reuse_sm90/shared.cuh"

namespace mlawave::cuda::tile_reuse_sm90 {

inline constexpr int kScores = kRows * kTokens / 128;  // of a thread: 32

// Two rows of one thread, lane/4 and lane/4 + 8 of its warp's 16. The reference is a maximum of the
// past, scaled; 0 for a row that saw nothing: it never will in this segment, as rows see causally.
struct RowState {
  float base[2];
  float l[2];  // sum of 2^(s - base), this thread's columns only
};

// S in two sums: the tensor cores truncate, and one chain of 36 products would lose too much.
using Chains = float[2][kScores];

// Starts S = Q Kᵀ of tile i as its pieces arrive; complete after a wait.
template <api::Dtype D, bool Reuse, int Cluster>
__device__ __forceinline__ void start_scores(const Cta<Cluster>& cta, Chains& s, int i) {
  const std::uint64_t q = ptx::wgmma_descriptor(cta.base + SharedLayout::kQ);
  const auto multiply = [&](int stage, int b, bool accumulate) {
    const std::uint64_t k = ptx::wgmma_descriptor(cta.block(stage, b));
#pragma unroll
    for (int step = 0; step < kBlock / 16; ++step)
      ptx::wgmma_m64n64k16<D>(s[step % 2], ptx::advance(q, b * kBlockBytes + step * 32),
                              ptx::advance(k, step * 32), accumulate || step > 1);
  };
  const Place at = k_place<Reuse>(i);
#pragma unroll
  for (auto& chain : s) ptx::pin(chain);
#pragma unroll
  for (int n = 0; n < kQuarters; ++n) {
    const int quarter = n / 2 + n % 2 * 2;  // the first ones of both value warpgroups arrive first
    ptx::mbarrier_wait(cta.full(at.stage, quarter), consumer_parity(at.use));
    ptx::wgmma_fence();
#pragma unroll
    for (int b = 0; b < kQuarterBlocks; ++b)
      multiply(at.stage, quarter * kQuarterBlocks + b, n + b > 0);
  }
  ptx::mbarrier_wait(cta.rope_full(i % kStages), consumer_parity(i / kStages));
  ptx::wgmma_fence();
  multiply(i % kStages, kBlocks - 1, true);
  ptx::wgmma_commit();
}

__device__ __forceinline__ void wait_scores(Chains& s) {
  ptx::wgmma_wait<0>();
#pragma unroll
  for (auto& chain : s) ptx::pin(chain);
}

// Leaves the sum in the first chain.
__device__ __forceinline__ void sum_chains(Chains& s) {
#pragma unroll
  for (int k = 0; k < kScores; ++k) s[0][k] += s[1][k];
}

template <int Cluster>
__device__ __forceinline__ void mask(const Cta<Cluster>& cta, const TileNote& note,
                                     float (&s)[kScores]) {
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32 % 4;
#pragma unroll
  for (int r = 0; r < 2; ++r) {
    const int row = note.tile * cta.tile_rows() + cta.first_row() + 16 * warp + lane / 4 + 8 * r;
    const int visible =
        static_cast<int>(cta.args.visible(note.n_kv, min(row, cta.args.rows() - 1)));
    const int seen = min(visible - note.token, note.count) - 2 * (lane % 4);
#pragma unroll
    for (int j = 0; j < kTokens / 8; ++j)
#pragma unroll
      for (int e = 0; e < 2; ++e)
        if (8 * j + e >= seen) s[4 * j + 2 * r + e] = -INFINITY;
  }
}

__device__ __forceinline__ float quad_max(float x) {
  x = fmaxf(x, __shfl_xor_sync(~0u, x, 1));
  return fmaxf(x, __shfl_xor_sync(~0u, x, 2));
}

__device__ __forceinline__ float quad_sum(float x) {
  x += __shfl_xor_sync(~0u, x, 1);
  return x + __shfl_xor_sync(~0u, x, 2);
}

// Hands finished rows' sums to the value warpgroups, and to the combine or the caller.
template <int Cluster>
__device__ __forceinline__ void finish_rows(const Cta<Cluster>& cta, const TileNote& note,
                                            const RowState& state) {
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32 % 4;
#pragma unroll
  for (int r = 0; r < 2; ++r) {
    const float l = quad_sum(state.l[r]);
    const int cta_row = 16 * warp + lane / 4 + 8 * r;
    const int row = note.tile * cta.tile_rows() + cta.first_row() + cta_row;
    if (lane % 4 != 0) continue;
    cta.norm()[cta_row] = l > 0.f ? 1.f / l : 0.f;
    if (row >= cta.args.rows()) continue;
    if (note.partial >= 0)
      cta.args.partial_ml[static_cast<std::int64_t>(note.partial) * cta.tile_rows() +
                          cta.first_row() + cta_row] =
          make_float2(l > 0.f ? state.base[r] : -INFINITY, l);
    else
      cta.args.lse[static_cast<std::int64_t>(note.request) * cta.args.rows() + row] =
          l > 0.f ? (state.base[r] + log2f(l)) * 0.693147180559945f : -INFINITY;
  }
}

using Probabilities = std::uint32_t[kTokens / 8][2];

// P = 2^(S - base) as pairs, and the sums of this thread's two rows.
template <api::Dtype D>
__device__ __forceinline__ void exponentials(const float (&s)[kScores], float scale,
                                             const float (&base)[2], Probabilities& p,
                                             float (&sum)[2]) {
#pragma unroll
  for (int r = 0; r < 2; ++r) {
    float even = 0.f, odd = 0.f;
#pragma unroll
    for (int j = 0; j < kTokens / 8; ++j) {
      const float p0 = ptx::exp2_approx(fmaf(s[4 * j + 2 * r], scale, -base[r]));
      const float p1 = ptx::exp2_approx(fmaf(s[4 * j + 2 * r + 1], scale, -base[r]));
      even += p0, odd += p1;
      p[j][r] = ptx::pack<D>(p0, p1);
    }
    sum[r] = even + odd;
  }
}

// Moves the references to the maxima; gives the factors of what was summed up so far.
__device__ __forceinline__ void move_references(const float (&s)[kScores], float scale,
                                                bool is_first, RowState& state,
                                                float (&shrink)[2]) {
#pragma unroll
  for (int r = 0; r < 2; ++r) {
    float top = fmaxf(s[2 * r], s[2 * r + 1]);
#pragma unroll
    for (int j = 1; j < kTokens / 8; ++j)
      top = fmaxf(top, fmaxf(s[4 * j + 2 * r], s[4 * j + 2 * r + 1]));
    top = quad_max(top) * scale;
    const float base = is_first ? (top == -INFINITY ? 0.f : top) : fmaxf(state.base[r], top);
    shrink[r] = ptx::exp2_approx(state.base[r] - base);
    state.l[r] = is_first ? 0.f : state.l[r] * shrink[r];
    state.base[r] = base;
  }
}

// What a tile's softmax leaves in registers.
struct Softmax {
  Probabilities p;
  float shrink[2];  // what O must be multiplied by ...
  bool moves;       // ... if this is set, for some row of the warp
};

// Online softmax. The maxima are looked for only where the old references will not do.
template <api::Dtype D, int Cluster>
__device__ __forceinline__ void soften(const Cta<Cluster>& cta, const TileNote& note,
                                       float (&s)[kScores], RowState& state, Softmax& out) {
  const float scale = cta.args.scale_log2;
  const bool is_first = note.flags & kFirst;
  if (note.count < kTokens || note.token + kTokens > note.n_kv - (cta.args.s_q - 1))
    mask(cta, note, s);
  float sum[2];
  out.moves = is_first;
  if (!is_first) {
    exponentials<D>(s, scale, state.base, out.p, sum);
    out.moves = __any_sync(~0u, !(fmaxf(sum[0], sum[1]) <= kSumLimit));
  }
  if (out.moves) {
    move_references(s, scale, is_first, state, out.shrink);
    exponentials<D>(s, scale, state.base, out.p, sum);
  }
  state.l[0] += sum[0], state.l[1] += sum[1];
}

// Hands P of tile i, and what goes with it, to the value warpgroups.
template <int Cluster>
__device__ __forceinline__ void send(const Cta<Cluster>& cta, const TileNote& note, int i,
                                     const RowState& state, const Softmax& softmax) {
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32 % 4;
  ptx::mbarrier_wait(cta.p_empty(), producer_parity(i));
  // Lane l gives the address of row l % 8 of matrix l / 8: rows 0-7, rows 8-15, then 8 tokens on.
  const std::uint32_t row = cta.base + SharedLayout::kP + (16 * warp + lane % 16) * 128;
#pragma unroll
  for (int j = 0; j < kTokens / 8; j += 2)
    ptx::stmatrix_x4(row + (((j + lane / 16) ^ (lane % 8)) * 16), softmax.p[j][0], softmax.p[j][1],
                     softmax.p[j + 1][0], softmax.p[j + 1][1]);
  ptx::fence_async_shared();
  if (lane == 0) cta.shrinks()[warp] = softmax.moves;
  if (softmax.moves && lane % 4 == 0) {
    cta.shrink()[16 * warp + lane / 4] = softmax.shrink[0];
    cta.shrink()[16 * warp + lane / 4 + 8] = softmax.shrink[1];
  }
  if (note.flags & kLast) finish_rows(cta, note, state);
  __syncwarp();
  if (lane == 0) ptx::mbarrier_arrive(cta.p_full());
}

// The product of tile i is complete: what it read may be replaced.
template <bool Reuse, int HoldBack, int Cluster>
__device__ __forceinline__ void release_scored(const Cta<Cluster>& cta, int i, int flags) {
  __syncwarp();
  if (threadIdx.x % 32 != 0) return;
  if constexpr (HoldBack > 0) ptx::mbarrier_arrive(cta.s_full());
  if (flags & kLast) ptx::mbarrier_arrive(cta.q_empty());
  if constexpr (!Reuse)
    for (int quarter = 0; quarter < kQuarters; ++quarter)
      cta.release(cta.empty(k_place<Reuse>(i).stage, quarter));
}

template <api::Dtype D, bool Reuse, int HoldBack, int Cluster>
__device__ __forceinline__ void compute_scores(const Cta<Cluster>& cta) {
  ptx::mbarrier_wait(cta.full(0, 0), consumer_parity(0));
  if (cta.note(0).flags & kNothing) {
    if (threadIdx.x % 32 == 0) ptx::mbarrier_arrive(cta.p_full());
    return;
  }
  Chains s;
  RowState state{};
  Softmax softmax;
  int flags = kLast;
  for (int i = 0, segment = 0; !(flags & kFinal); ++i) {
    if (flags & kLast) ptx::mbarrier_wait(cta.q_full(), consumer_parity(segment++));
    start_scores<D, Reuse>(cta, s, i);
    const TileNote note = cta.note(i);
    flags = note.flags;
    wait_scores(s);
    release_scored<Reuse, HoldBack>(cta, i, flags);
    sum_chains(s);
    soften<D>(cta, note, s[0], state, softmax);
    send(cta, note, i, state, softmax);
    if (threadIdx.x % 32 == 0) cta.release(cta.rope_empty(i % kStages));
  }
}

}  // namespace mlawave::cuda::tile_reuse_sm90
