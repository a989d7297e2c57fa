// The producer warpgroup: one thread of each warp copies a quarter of every tile; warp 0 also
// leaves the notes and copies Q, warp 3 also copies the rotary block.
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

template <int Cluster>
__device__ __forceinline__ void copy_quarter(const Cta<Cluster>& cta, const CUtensorMap* map,
                                             Place at, int quarter, int row) {
  const std::uint32_t full = cta.full(at.stage, quarter);
  ptx::mbarrier_wait(cta.empty(at.stage, quarter), producer_parity(at.use));
  ptx::mbarrier_arrive_expect(full, kQuarterBytes);
  static_assert(kQuarterBlocks == 2);
  const int first = quarter * kQuarterBlocks;
  if constexpr (Cluster == 1) copy_block(cta, map, at.stage, first + 1, row, full);
  copy_block(cta, map, at.stage, first + cta.rank(), row, full);
}

template <int Cluster>
__device__ __forceinline__ void copy_rope(const Cta<Cluster>& cta, const CUtensorMap* map, int i,
                                          int row) {
  const int stage = i % kStages;
  ptx::mbarrier_wait(cta.rope_empty(stage), producer_parity(i / kStages));
  ptx::mbarrier_arrive_expect(cta.rope_full(stage), kBlockBytes);
  if (i % Cluster == cta.rank())
    copy_block(cta, map, stage, kBlocks - 1, row, cta.rope_full(stage));
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
                                           bool is_first) {
  TileNote& note = cta.note(i);
  const SegmentEntry& entry = at.segment();
  const bool is_last = at.is_last_of_segment();
  note.token = at.token();
  note.count = at.count();
  note.n_kv = entry.n_kv;
  note.request = entry.request;
  note.tile = entry.tile;
  note.partial = entry.partial;
  note.flags =
      (is_first ? kFirst : 0) | (is_last ? kLast : 0) | (is_last && entry.next < 0 ? kFinal : 0);
}

// A note may be rewritten when everybody is done with its tile. Before its note is left, the
// quarter of tile i - 1 was copied, so P of tile i - 3 was used, so P of tile i - 4 had been
// released.
template <bool Reuse, int Cluster>
__device__ void produce(const Cta<Cluster>& cta, const CUtensorMap* kv_map,
                        const CUtensorMap* q_map) {
  const int warp = threadIdx.x / 32 % 4, quarter = warp;
  cta.args.prefetch_segment(cta.slot());
  ptx::wait_for_kernel_before();
  ptx::launch_dependents();  // the combine may take its place in the queue
  TileCursor at(cta.args, cta.slot());
  if (!at.exists()) {
    if (warp != 0) return;
    cta.note(0).flags = kNothing;
    ptx::mbarrier_arrive(cta.full(0, 0));
    return;
  }
  bool is_first = true;
  for (int i = 0, segment = 0; at.exists(); ++i) {
    const int row = at.row();
    if (warp == 0) leave_note(cta, at, i, is_first);
    copy_quarter(cta, kv_map, k_place<Reuse>(i), quarter, row);
    if (warp == 0 && is_first) copy_q(cta, q_map, at.segment(), segment);
    if (warp == 3) copy_rope(cta, kv_map, i, row);
    if constexpr (!Reuse) copy_quarter(cta, kv_map, v_place<Reuse>(i), quarter, row);
    is_first = at.is_last_of_segment();
    if (is_first) ++segment;
    at.advance();
  }
}

}  // namespace mlawave::cuda::tile_reuse_sm90
