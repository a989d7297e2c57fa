// The score warpgroup: S = Q Kᵀ with Q in registers, P = softmax(S), the rows' maxima and sums.
#pragma once

#include "kernels/cuda/ptx/ldmatrix.h"
#include "kernels/cuda/ptx/mma.h"
#include "kernels/cuda/ptx/shared_16.h"
#include "kernels/cuda/ptx/stmatrix.h"
#include "kernels/cuda/ptx/warpgroup.h"
#include "kernels/cuda/ptx/wgmma.h"
#include "kernels/cuda/ptx/wgmma_wide.h"
#include "kernels/cuda/tile/half_rows.cuh"
#include "kernels/cuda/tile/row_sum.cuh"
#include "kernels/cuda/tile_reuse_sm90_q/shared.cuh"

namespace mlawave::cuda::tile_reuse_sm90_q {

using Query = std::uint32_t[kQuerySteps][4];
using Scores = float[kRows * kTokens / 128];  // of a thread
using Probabilities = std::uint32_t[kTokens / 8][2];
// Reference of a row that has seen nothing: any scaled score above it passes it.
inline constexpr float kUnseen = -1e30f;

// Of this thread's two rows.
struct RowState {
  float base[2];  // what is subtracted from exponents, scaled; an integer
  float l[2];     // sum of 2^(s - base), of this thread's columns
};

// Q from its stage to registers, and what has no room there to its place.
template <int Cluster>
__device__ __forceinline__ void load_query(const Cta<Cluster>& cta, const Ring& at, Query& q) {
  const int t = thread(), lane = t % 32;
  const std::uint32_t row = cta.block(at.stage, 0) + (t / 32 * 16 + lane % 16) * 128;
#pragma unroll
  for (int k = 0; k < kQuerySteps; ++k) {
    const int b = k / kSteps;
    if (k > 0 && k % (kQuarterBlocks * kSteps) == 0)
      ptx::mbarrier_wait(cta.full(at.stage, b / kQuarterBlocks), at.parity);
    ptx::ldmatrix_x4(q[k],
                     row + b * kBlockBytes + (((2 * (k % kSteps) + lane / 16) ^ (lane % 8)) * 16));
  }
  ptx::barrier_sync<128>(1);  // all warps are done with scores of the segment before
#pragma unroll
  for (int i = 0; i < kBlockBytes / 16 / 128; ++i)
    ptx::shared_copy_16(cta.q_rope() + (t + 128 * i) * 16, cta.rope(at.stage) + (t + 128 * i) * 16);
  static_assert(kQuerySteps == kVBlocks * kSteps - 1 && kOddStepBytes == 128 * 16);
  const int odd_row = t / 2, chunk = 2 * (kSteps - 1) + t % 2;
  ptx::shared_copy_16(
      cta.odd_step() + odd_row / 8 * 256 + t % 2 * 128 + odd_row % 8 * 16,
      cta.block(at.stage, kVBlocks - 1) + odd_row * 128 + (chunk ^ (odd_row % 8)) * 16);
  ptx::fence_async_shared();
  ptx::barrier_sync<128>(1);
}

// Starts S = Q Kᵀ as the tile's pieces arrive, in two groups of products: the last `kTailSteps` are
// the second.
template <api::Dtype D, int Cluster>
__device__ __forceinline__ void start_scores(const Cta<Cluster>& cta, const Ring& at,
                                             const Query& q, Scores& s) {
  const std::uint64_t k = ptx::wgmma_descriptor(cta.block(at.stage, 0));
  const std::uint64_t rope = ptx::wgmma_descriptor(cta.rope(at.stage));
  const std::uint64_t q_rope = ptx::wgmma_descriptor(cta.q_rope());
  const std::uint64_t odd = ptx::wgmma_descriptor_plain(cta.odd_step());
  ptx::pin(s);
  ptx::wgmma_fence();
#pragma unroll
  for (int step = 0; step < kBlocks * kSteps; ++step) {
    const int b = step / kSteps;
    if (step > 0 && step % (kQuarterBlocks * kSteps) == 0 && b < kVBlocks)
      ptx::mbarrier_wait(cta.full(at.stage, b / kQuarterBlocks), at.parity);
    const std::uint64_t tokens =
        ptx::advance(b < kVBlocks ? ptx::advance(k, b * kBlockBytes) : rope, step % kSteps * 32);
    if (step < kQuerySteps)
      ptx::wgmma_m64n64k16<D>(s, q[step][0], q[step][1], q[step][2], q[step][3], tokens, step > 0);
    else
      ptx::wgmma_m64n64k16<D>(s, b < kVBlocks ? odd : ptx::advance(q_rope, step % kSteps * 32),
                              tokens, true);
    if (step == kBlocks * kSteps - 1 - kTailSteps) ptx::wgmma_commit();
  }
  ptx::wgmma_commit();
}

template <bool Paged, int Cluster>
__device__ __forceinline__ void mask(const Cta<Cluster>& cta, const Note& note, Scores& s) {
#pragma unroll
  for (int r = 0; r < 2; ++r) {
    const int row = static_cast<int>(note.tile) * cta.tile_rows() + cta.first_row() +
                    first_row_of_thread() + 8 * r;
    const int visible =
        static_cast<int>(cta.args.visible(note.n_kv, min(row, cta.args.rows() - 1)));
    const int first = 2 * (thread() % 4);
    const int seen = min(visible - note.token, count_of(note.flags)) - first;
    const int skipped = skip_of(note.flags) - first;
#pragma unroll
    for (int j = 0; j < kTokens / 8; ++j)
#pragma unroll
      for (int e = 0; e < 2; ++e)
        if (8 * j + e >= seen || (Paged && 8 * j + e < skipped)) s[4 * j + 2 * r + e] = -INFINITY;
  }
}

// Of this thread's two rows.
__device__ __forceinline__ void find_tops(const Scores& s, float (&top)[2]) {
#pragma unroll
  for (int r = 0; r < 2; ++r) {
    float even = s[2 * r], odd = s[2 * r + 1];
#pragma unroll
    for (int j = 1; j < kTokens / 8; ++j) {
      even = fmaxf(even, s[4 * j + 2 * r]);
      odd = fmaxf(odd, s[4 * j + 2 * r + 1]);
    }
    top[r] = fmaxf(even, odd);
  }
}

// Moves the references behind the maxima, to integers, so that what was summed up so far is
// multiplied by 2^-shrink.
__device__ __forceinline__ void move_references(const float (&top)[2], float scale, bool is_first,
                                                RowState& state, int (&shrink)[2]) {
#pragma unroll
  for (int r = 0; r < 2; ++r) {
    const float base = fmaxf(is_first ? kUnseen : state.base[r], ceilf(quad_max(top[r]) * scale));
    shrink[r] = is_first ? 0 : static_cast<int>(fminf(base - state.base[r], 127.f));
    state.l[r] = is_first ? 0.f : state.l[r] * shrink_factor(shrink[r]);
    state.base[r] = base;
  }
}

// P = 2^(S - base) as pairs; adds up the sums of this thread's two rows.
template <api::Dtype D>
__device__ __forceinline__ void exponentials(const Scores& s, float scale, RowState& state,
                                             Probabilities& p) {
#pragma unroll
  for (int r = 0; r < 2; ++r) {
    float even = 0.f, odd = 0.f;
#pragma unroll
    for (int j = 0; j < kTokens / 8; ++j) {
      const float p0 = ptx::exp2_approx(fmaf(s[4 * j + 2 * r], scale, -state.base[r]));
      const float p1 = ptx::exp2_approx(fmaf(s[4 * j + 2 * r + 1], scale, -state.base[r]));
      even += p0, odd += p1;
      p[j][r] = ptx::pack<D>(p0, p1);
    }
    state.l[r] += even + odd;
  }
}

// P in the place of the rotary block of its own tile.
template <int Cluster>
__device__ __forceinline__ void store_p(const Cta<Cluster>& cta, int stage,
                                        const Probabilities& p) {
  // Lane l gives the address of row l % 8 of matrix l / 8: rows 0-7, rows 8-15, then 8 tokens on.
  const int t = thread(), lane = t % 32;
  const std::uint32_t row = cta.rope(stage) + (t / 32 * 16 + lane % 16) * 128;
#pragma unroll
  for (int j = 0; j < kTokens / 8; j += 2)
    ptx::stmatrix_x4(row + (((j + lane / 16) ^ (lane % 8)) * 16), p[j][0], p[j][1], p[j + 1][0],
                     p[j + 1][1]);
}

// Tokens behind the last one: what was copied there must not reach P V as 0 · NaN.
template <int Cluster>
__device__ __forceinline__ void zero_tail(const Cta<Cluster>& cta, int stage, int count) {
  const int chunks = (kTokens - count) * 8;  // of 16 bytes, in a block
#pragma unroll 1
  for (int b = 0; b < kVBlocks; ++b)
#pragma unroll 1
    for (int i = thread(); i < chunks; i += 128)
      ptx::shared_zero_16(cta.block(stage, b) + count * 128 + i * 16);
}

template <int Cluster>
__device__ __forceinline__ void finish_rows(const Cta<Cluster>& cta, const Note& note,
                                            const RowState& state) {
#pragma unroll
  for (int r = 0; r < 2; ++r) {
    const float l = quad_sum(state.l[r]);
    const int cta_row = first_row_of_thread() + 8 * r;
    const int row = static_cast<int>(note.tile) * cta.tile_rows() + cta.first_row() + cta_row;
    if (thread() % 4 != 0) continue;
    cta.norm()[cta_row] = norm_of(l);
    if (row >= cta.args.rows()) continue;
    write_sum(cta, note, row, cta_row, state.base[r], l);
  }
}

template <int Cluster>
__device__ __forceinline__ void hand_over(const Cta<Cluster>& cta, int stage) {
  if (ptx::sync_warp_to_arrive()) ptx::mbarrier_arrive(cta.p_full(stage));
}

template <api::Dtype D, bool Paged, int Cluster>
__device__ __forceinline__ void score(const Cta<Cluster>& cta) {
  const float scale = cta.args.scale_log2;
  Query q;
  RowState state{};
  bool pending = false;  // P of the item before was not handed over yet
  for (Ring at;; at.advance()) {
    ptx::mbarrier_wait(cta.full(at.stage, 0), at.parity);
    const Note& note = cta.note(at);
    const int flags = note.flags;
    if (__any_sync(~0u, flags & (kQuery | kNothing))) {
      if (pending) hand_over(cta, at.stage_before());
      pending = false;
      if (flags & kQuery) load_query(cta, at, q);
      hand_over(cta, at.stage);
      if (flags & kNothing) return;
      continue;
    }
    Scores s;
    start_scores<D>(cta, at, q, s);
    ptx::wgmma_wait<1>();
    if (pending) hand_over(cta, at.stage_before());
    ptx::wgmma_wait<0>();
    ptx::pin(s);
    if (__builtin_expect(
            __any_sync(~0u, count_of(flags) < kTokens ||
                                note.token + kTokens > note.n_kv - (cta.args.s_q - 1) ||
                                (Paged && skip_of(flags) > 0)),
            0))
      mask<Paged>(cta, note, s);
    float top[2];
    find_tops(s, top);
    int shrink[2] = {};
    const bool is_first = flags & kFirst;
    if (__builtin_expect(
            __any_sync(~0u, is_first || fmaf(top[0], scale, -state.base[0]) > kExponentLimit ||
                                fmaf(top[1], scale, -state.base[1]) > kExponentLimit),
            0))
      move_references(top, scale, is_first, state, shrink);
    Probabilities p;
    exponentials<D>(s, scale, state, p);
    // All warps of this warpgroup have read the rotary block.
    ptx::barrier_sync<128>(1);
    store_p(cta, at.stage, p);
    if (thread() % 4 == 0)
#pragma unroll
      for (int r = 0; r < 2; ++r) cta.shrink(at.stage)[first_row_of_thread() + 8 * r] = shrink[r];
    if (__builtin_expect(count_of(flags) < kTokens, 0)) zero_tail(cta, at.stage, count_of(flags));
    ptx::fence_async_shared();
    if (__builtin_expect(flags & kLast, 0)) {
      // The segment before ended two items ago at the latest, as Q came between: wait until its
      // norms were read.
      const Ring old = at.two_before();
      ptx::mbarrier_wait(cta.empty(old.stage), old.parity);
      finish_rows(cta, note, state);
    }
    pending = !(flags & kFinal);
    if (!pending) {
      hand_over(cta, at.stage);
      return;
    }
  }
}

}  // namespace mlawave::cuda::tile_reuse_sm90_q
