// A consumer warpgroup: S, softmax and P V of every second tile, and of every tile its half of O.
//
//   Share       S = Q Kᵀ of tile i          → O += P V of tile i - 1, P from shared memory
//               softmax of tile i meanwhile → P to shared memory
//               O += P V of tile i, P from registers
//   otherwise   the product of tile i - 1 first, and S when it is done
#pragma once

#include "kernels/cuda/tile_reuse_sm90/handover.cuh"

namespace mlawave::cuda::tile_reuse_sm90 {

// The half of V of tile i that warpgroup w multiplies is there.
template <int Cluster>
__device__ __forceinline__ void wait_half(const Cta<Cluster>& cta, Place at, int w) {
  for (int quarter = 2 * w; quarter < 2 * w + 2; ++quarter)
    ptx::mbarrier_wait(cta.full(at.set, quarter), consumer_parity(at.set_use));
}

// The scores of tile i are done: what only they read may be replaced. Q, after the last tile of a
// segment: the other warpgroup's scores are done as well, since it handed its P over.
template <bool Reuse, int Cluster>
__device__ __forceinline__ void release_scored(const Cta<Cluster>& cta, int i, int flags) {
  if (!ptx::sync_warp_to_arrive()) return;
  cta.release(cta.rope_empty(i % kStages));
  if (flags & kLast) ptx::mbarrier_arrive(cta.q_empty());
  if constexpr (!Reuse)
    for (int half = 0; half < 2; ++half) cta.release(cta.empty(k_place<Reuse>(i).stage, half));
}

template <bool Reuse, int Cluster>
__device__ __forceinline__ void release_half(const Cta<Cluster>& cta, int i, int w) {
  if (ptx::sync_warp_to_arrive()) cta.release(cta.empty(v_place<Reuse>(i).stage, w));
}

// Two named barriers of both warpgroups give turns to issue products of S: without them the scores
// of the next tile would take the tensor cores from those that are waited for.
__device__ __forceinline__ void wait_turn(int w) { ptx::barrier_sync<256>(3 + w); }
__device__ __forceinline__ void give_turn(int w) { ptx::barrier_arrive<256>(3 + w); }

// What a warpgroup knows of a tile that the other one handed over.
struct Received {
  int flags = kFirst;  // as if there were one before the slot's first tile
  float norm[2] = {};  // after a segment's last tile
  float sum[2] = {};   // before it
};

// Waits for tile i of the other warpgroup. With its P comes the note of tile i + 1, if there is
// one.
template <bool Reuse, int Cluster>
__device__ __forceinline__ void receive(const Cta<Cluster>& cta, int i, int w, RowState& state,
                                        Outputs& o, Received& from) {
  ptx::mbarrier_wait(cta.p_full(1 - w), consumer_parity(i / 2));
  from.flags = cta.note(i).flags;
  take_over(cta, from.flags, state, o);
  if (from.flags & kLast)
    read_rows(cta.norm(), from.norm);
  else if (cta.note(i + 1).flags & kLast)
    read_rows(cta.sum(), from.sum);
  if constexpr (!Reuse) wait_half(cta, v_place<Reuse>(i), w);
}

// Starts O += P V of tile i, which the other warpgroup handed over.
template <api::Dtype D, bool Reuse, int Cluster>
__device__ __forceinline__ void start_received(const Cta<Cluster>& cta, Outputs& o, int i, int w,
                                               const Received& from) {
  // The slot's first tile has no predecessor: what is multiplied then lies there by chance, and the
  // next product, which does not accumulate, drops the result.
  const int stage = v_place<Reuse>(i + 2).stage;
  start_values<D>(cta, o, v_descriptor(cta, stage, w), !(from.flags & kFirst));
}

template <api::Dtype D, bool Reuse, bool Paged, int Cluster>
__device__ __forceinline__ void consume(const Cta<Cluster>& cta, const int w) {
  constexpr bool kShare = Cluster == 2;
  const float scale = cta.args.scale_log2;
  Outputs o = {};
  RowState state{};
  ptx::mbarrier_wait(cta.started(), 0);
  if (cta.note(0).flags & kNothing) return;
  int i = w;
  bool exists = w == 0 || !__any_sync(~0u, cta.note(0).flags & kFinal);
  for (int q = -1; exists; i += 2) {
    Received before;
    if constexpr (!kShare) {
      if (i > 0) receive<Reuse>(cta, i - 1, w, state, o, before);
      start_received<D, Reuse>(cta, o, i - 1, w, before);
      wait_values(o);
      if (i > 0) release_half<Reuse>(cta, i - 1, w);
    }
    ptx::mbarrier_wait(cta.rope_full(i % kStages), consumer_parity(i / kStages));
    const TileNote note = cta.note(i);
    const int next = cta.note(i + 1).flags;  // if there is one
    const bool is_first = note.flags & kFirst, is_last = note.flags & kLast;
    if (note.q != q) ptx::mbarrier_wait(cta.q_full(), consumer_parity(q = note.q));
    Chains s;
    if constexpr (kShare) {
      if (i > 0) wait_turn(w);
      start_scores<D, Reuse>(cta, s, i, w);
      ptx::wgmma_commit();
      if (i > 0) receive<Reuse>(cta, i - 1, w, state, o, before);
      end_scores<D, Reuse>(cta, s, i, w);
      start_received<D, Reuse>(cta, o, i - 1, w, before);
      wait_scores<1>(s);
    } else {
      start_scores<D, Reuse>(cta, s, i, w);
      end_scores<D, Reuse>(cta, s, i, w);
      wait_scores<0>(s);
    }
    release_scored<Reuse>(cta, i, note.flags);
    if (__any_sync(~0u, needs_mask<Paged>(cta, note))) mask<Paged>(cta, note, s[0]);

    Probabilities p;
    float sum[2], shrink[2] = {1.f, 1.f};
    exponentials<D>(s[0], scale, state.base, p, sum);
    pin(p);  // not after the product under way
    if constexpr (kShare) {
      if (!(note.flags & kFinal)) give_turn(1 - w);
      wait_values(o);
      if (i > 0) release_half<Reuse>(cta, i - 1, w);
    }
    const bool moves = __any_sync(~0u, is_first || !(fmaxf(sum[0], sum[1]) <= kSumLimit));
    if (moves) {
      move_references(s[0], scale, is_first, state, shrink);
      exponentials<D>(s[0], scale, state.base, p, sum);
    }
    state.l[0] += sum[0], state.l[1] += sum[1];
    const Place at = v_place<Reuse>(i);
    if (note.count < kTokens) {
      if constexpr (!Reuse) wait_half(cta, at, 0), wait_half(cta, at, 1);
      zero_tail(cta, at.stage, note.count);
    }
    ptx::barrier_sync<128>(1 + w);  // all of this warpgroup have read P of tile i - 1
    store_p(cta, p);
    leave_state(cta, state, shrink, moves, !is_last && next & kLast);
    if (before.flags & kLast) write_rows<D>(cta, cta.note(i - 1), w, o, before.norm);
    float norm[2] = {};
    if (is_last) finish_rows(cta, note, state, before.sum, shrink, norm);
    if (ptx::sync_warp_to_arrive()) ptx::mbarrier_arrive(cta.p_full(w));

    if (moves && !is_first) scale_rows(o, shrink);
    if constexpr (!Reuse) wait_half(cta, at, w);
    start_values<D>(o, p, v_descriptor(cta, at.stage, w), !is_first);
    wait_values(o);
    release_half<Reuse>(cta, i, w);
    if (is_last) write_rows<D>(cta, note, w, o, norm);
    if (note.flags & kFinal) return;
    exists = !__any_sync(~0u, next & kFinal);
  }
  // The slot's final tile is the other warpgroup's.
  Received before;
  receive<Reuse>(cta, i - 1, w, state, o, before);
  start_received<D, Reuse>(cta, o, i - 1, w, before);
  wait_values(o);
  write_rows<D>(cta, cta.note(i - 1), w, o, before.norm);
}

}  // namespace mlawave::cuda::tile_reuse_sm90
