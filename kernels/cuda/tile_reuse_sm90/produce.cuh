// The producer warpgroup, one thread of a warp each: warp 0 leaves the notes and copies Q and the
// rotary blocks, warps 1 and 2 copy the V columns.
#pragma once

#include "kernels/cuda/ptx/dependent_launch.h"
#include "kernels/cuda/ptx/tma.h"
#include "kernels/cuda/tile/segment_table.h"
#include "kernels/cuda/tile_reuse_sm90/shared.cuh"

namespace mlawave::cuda::tile_reuse_sm90 {

// The tiles of a slot in order.
class TileCursor {
 public:
  __device__ TileCursor(const DecodeArgs& args, int slot) : args_(args) { enter(slot); }

  __device__ bool exists() const { return runs_ > 0; }
  __device__ const SegmentEntry& segment() const { return entry_; }
  __device__ int token() const { return token_; }
  __device__ int count() const { return min(kTokens, end_ - token_); }
  __device__ int row() const { return entry_.row + token_; }
  __device__ bool is_last_of_segment() const { return runs_ == 1 && token_ + kTokens >= end_; }

  __device__ void advance() {
    token_ += kTokens;
    if (token_ < end_) return;
    if (--runs_ > 0) {
      token_ = run_ += args_.run_step;
      end_ = run_end();
    } else if (segment().next >= 0) {
      enter(segment().next);
    }
  }

 private:
  __device__ void enter(int i) {
    entry_ = args_.segment(i);
    runs_ = entry_.runs;
    run_ = token_ = entry_.token;
    end_ = run_end();
  }
  __device__ int run_end() const { return min(run_ + segment().run_tokens, segment().n_kv); }

  const DecodeArgs& args_;
  SegmentEntry entry_;
  int runs_, run_, token_, end_;
};

// First column, in a row of Q or of the cache, of block b: V columns are blocks 0..7.
__device__ __forceinline__ int block_column(const DecodeArgs& args, int b) {
  if (b < kBlocks - 1) return args.v_column + b * kBlock;
  return args.v_column == 0 ? api::kDV : 0;
}

// Of `Cluster` blocks that are copied at a time each CTA copies one, to every CTA.
template <int Cluster>
__device__ __forceinline__ void copy_block(const Cta<Cluster>& cta, const CUtensorMap* map,
                                           int stage, int b, int row, std::uint32_t full) {
  const int column = block_column(cta.args, b);
  if constexpr (Cluster == 1)
    ptx::tma_load_2d(cta.block(stage, b), map, column, row, full);
  else
    ptx::tma_load_2d_multicast(cta.block(stage, b), map, column, row, full, (1 << Cluster) - 1);
}

// Two quarters, so that scores can start on the first.
template <int Cluster>
__device__ __forceinline__ void copy_half(const Cta<Cluster>& cta, const CUtensorMap* map, Place at,
                                          int half, int row) {
  ptx::mbarrier_wait(cta.empty(at.stage, half), producer_parity(at.use));
  for (int quarter = 2 * half; quarter < 2 * half + 2; ++quarter) {
    const std::uint32_t full = cta.full(at.set, quarter);
    ptx::mbarrier_arrive_expect(full, kQuarterBytes);
    static_assert(kQuarterBlocks == 2);
    const int first = quarter * kQuarterBlocks;
    if constexpr (Cluster == 1) copy_block(cta, map, at.stage, first + 1, row, full);
    copy_block(cta, map, at.stage, first + cta.rank(), row, full);
  }
}

template <int Cluster>
__device__ __forceinline__ void copy_q(const Cta<Cluster>& cta, const CUtensorMap* map,
                                       const SegmentEntry& segment, int n) {
  const int row =
      segment.request * cta.args.rows() + segment.tile * cta.tile_rows() + cta.first_row();
  ptx::mbarrier_wait(cta.q_empty(), producer_parity(n));
  ptx::mbarrier_arrive_expect(cta.q_full(), kBlocks * kBlockBytes);
  for (int b = 0; b < kBlocks; ++b)
    ptx::tma_load_2d(cta.base + SharedLayout::kQ + b * kBlockBytes, map, block_column(cta.args, b),
                     row, cta.q_full());
}

template <int Cluster>
__device__ __forceinline__ void leave_note(const Cta<Cluster>& cta, const TileCursor& at, int i,
                                           bool is_first, int segment) {
  TileNote& note = cta.note(i);
  const SegmentEntry& entry = at.segment();
  const bool is_last = at.is_last_of_segment();
  note.token = at.token();
  note.count = at.count();
  note.n_kv = entry.n_kv;
  note.request = entry.request;
  note.tile = entry.tile;
  note.partial = entry.partial;
  note.q = segment;
  note.flags =
      (is_first ? kFirst : 0) | (is_last ? kLast : 0) | (is_last && entry.next < 0 ? kFinal : 0);
}

// The tile to L2, a share by each CTA of the slot. Its V columns can't be copied before products of
// tile i - 2 are done, and then come sooner.
template <int Cluster>
__device__ __forceinline__ void prefetch_tile(const Cta<Cluster>& cta, int row, int count) {
  const int bytes = count * api::kDQk * 2 / cta.group;  // a multiple of 16
  const std::int64_t first = static_cast<std::int64_t>(row) * api::kDQk * 2;
  ptx::bulk_prefetch_l2(
      static_cast<const char*>(cta.args.kv) + first + cta.first_row() / kRows * bytes, bytes);
}

// Whoever finds the rotary block of tile i finds the notes of i and of i + 1: a consumer that has
// done tile i - 2 must know whether there is an i + 2. Note i - 7 may be replaced by then: scores
// of i - 2 are done, so P of i - 5 was handed over, so its warpgroup is done with i - 7.
template <int Cluster>
__device__ void produce_rest(const Cta<Cluster>& cta, const CUtensorMap* kv_map,
                             const CUtensorMap* q_map) {
  TileCursor at(cta.args, cta.slot());
  if (!at.exists()) {
    cta.note(0).flags = kNothing;
    ptx::mbarrier_arrive(cta.started());
    return;
  }
  static_assert(kNotes == 8);
  leave_note(cta, at, 0, true, 0);
  bool is_first = true;
  for (int i = 0, segment = 0; at.exists(); ++i) {
    const int row = at.row(), stage = i % kStages, count = at.count();
    // Before the notes: a warpgroup that has one may wait for this use of Q, but for no earlier
    // one.
    if (is_first) copy_q(cta, q_map, at.segment(), segment);
    is_first = at.is_last_of_segment();
    if (is_first) ++segment;
    at.advance();
    ptx::mbarrier_wait(cta.rope_empty(stage), producer_parity(i / kStages));
    if constexpr (Cluster == 2) prefetch_tile(cta, row, count);
    if (at.exists()) leave_note(cta, at, i + 1, is_first, segment);
    if (i == 0) ptx::mbarrier_arrive(cta.started());
    ptx::mbarrier_arrive_expect(cta.rope_full(stage), kBlockBytes);
    if (i % Cluster == cta.rank())
      copy_block(cta, kv_map, stage, kBlocks - 1, row, cta.rope_full(stage));
  }
}

// `which`: with Reuse a half of every tile, else all of it as K (0) or as V (1). Half i % 2 of tile
// i goes first: it is released first and read first.
template <bool Reuse, int Cluster>
__device__ void produce_halves(const Cta<Cluster>& cta, const CUtensorMap* map, int which) {
  TileCursor at(cta.args, cta.slot());
  for (int i = 0; at.exists(); ++i, at.advance()) {
    if constexpr (Reuse) {
      copy_half(cta, map, k_place<Reuse>(i), which, at.row());
    } else {
      const Place place = which == 0 ? k_place<Reuse>(i) : v_place<Reuse>(i);
      copy_half(cta, map, place, i % 2, at.row());
      copy_half(cta, map, place, 1 - i % 2, at.row());
    }
  }
}

template <bool Reuse, int Cluster>
__device__ __forceinline__ void produce(const Cta<Cluster>& cta, const CUtensorMap* kv_map,
                                        const CUtensorMap* q_map) {
  const int warp = threadIdx.x / 32 % 4;
  if (warp == 3) return;
  cta.args.prefetch_segment(cta.slot());
  ptx::wait_for_kernel_before();
  ptx::launch_dependents();  // the combine may take its place in the queue
  if (warp == 0)
    produce_rest(cta, kv_map, q_map);
  else
    produce_halves<Reuse>(cta, kv_map, warp - 1);
}

}  // namespace mlawave::cuda::tile_reuse_sm90
