// P = softmax(S) in the registers of one warpgroup. Of a thread: rows lane/4 and lane/4 + 8 of its
// warp's 16, two of every eight tokens.
#pragma once

#include "kernels/cuda/ptx/mma.h"
#include "kernels/cuda/tile/half_rows.cuh"
#include "kernels/cuda/tile_reuse_sm90/scores.cuh"

namespace mlawave::cuda::tile_reuse_sm90 {

// Two rows of one thread. The reference is a maximum of the past, scaled; 0 for a row that saw
// nothing: it never will in this segment, as rows see causally.
struct RowState {
  float base[2];
  float l[2];  // sum of 2^(s - base), of this thread's columns in this warpgroup's tiles
};

// Some row of the tile does not see all 64 tokens.
template <bool Paged, int Cluster>
__device__ __forceinline__ bool needs_mask(const Cta<Cluster>& cta, const TileNote& note) {
  return note.count < kTokens || note.token + kTokens > note.n_kv - (cta.args.s_q - 1) ||
         (Paged && note.flags >= kSkipOne);
}

template <bool Paged, int Cluster>
__device__ __forceinline__ void mask(const Cta<Cluster>& cta, const TileNote& note,
                                     float (&s)[kScores]) {
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32 % 4;
#pragma unroll
  for (int r = 0; r < 2; ++r) {
    const int row = note.tile * cta.tile_rows() + cta.first_row() + 16 * warp + lane / 4 + 8 * r;
    const int visible =
        static_cast<int>(cta.args.visible(note.n_kv, min(row, cta.args.rows() - 1)));
    const int seen = min(visible - note.token, note.count) - 2 * (lane % 4);
    const int skipped = note.flags / kSkipOne - 2 * (lane % 4);
#pragma unroll
    for (int j = 0; j < kTokens / 8; ++j)
#pragma unroll
      for (int e = 0; e < 2; ++e)
        if (8 * j + e >= seen || (Paged && 8 * j + e < skipped)) s[4 * j + 2 * r + e] = -INFINITY;
  }
}

using Probabilities = std::uint32_t[kTokens / 8][2];

__device__ __forceinline__ void pin(Probabilities& p) {
#pragma unroll
  for (auto& pair : p) asm volatile("" : "+r"(pair[0]), "+r"(pair[1])::"memory");
}

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
    // Nothing is summed up before the first tile; the old base is another segment's, and 0 · inf a
    // NaN.
    shrink[r] = is_first ? 1.f : ptx::exp2_approx(state.base[r] - base);
    state.l[r] = is_first ? 0.f : state.l[r] * shrink[r];
    state.base[r] = base;
  }
}

}  // namespace mlawave::cuda::tile_reuse_sm90
