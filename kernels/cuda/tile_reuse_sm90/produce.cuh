// The producer warpgroup, one thread of a warp each: warp 0 leaves the notes and copies Q and the
// rotary blocks, warps 1 and 2 copy the V columns.
#pragma once

#include "kernels/cuda/ptx/dependent_launch.h"
#include "kernels/cuda/ptx/tma.h"
#include "kernels/cuda/tile/segment_table.h"
#include "kernels/cuda/tile_reuse_sm90/shared.cuh"
#include "kernels/cuda/tile_reuse_sm90/variants.h"

namespace mlawave::cuda::tile_reuse_sm90 {

// Pages, in 32 bits throughout: this warpgroup has few registers.
struct Pages {
  const std::int32_t* table;  // the request's
  int shift;

  // Rows from a token's on that lie in its page.
  __device__ int room(int token) const { return (1 << shift) - (token & ((1 << shift) - 1)); }
  __device__ int row(int token) const {
    return (table[token >> shift] << shift) + (token & ((1 << shift) - 1));
  }
};

__device__ __forceinline__ Pages pages_of(const DecodeArgs& args, int request) {
  int shift = args.page_shift;
  // Else what follows from it is kept in registers from tile to tile.
  asm volatile("" : "+r"(shift));
  return {args.block_table + request * args.max_pages, shift};
}

// Where a tile lies in the cache.
struct TilePlace {
  int row;                   // first cache row
  int token, request, n_kv;  // token: its first one
};

// The tiles of a slot in order. Those of a paged cache begin at multiples of 64, so that a page of
// 64 is a whole tile: the first of a run may have tokens before it, which are masked.
template <bool Paged>
class TileCursor {
 public:
  __device__ TileCursor(const DecodeArgs& args, int slot) : args_(args) { enter(slot); }

  __device__ bool exists() const { return runs_ > 0; }
  __device__ const SegmentEntry& segment() const { return entry_; }
  __device__ int token() const { return token_; }
  __device__ int count() const { return min(kTokens, end_ - token_); }
  __device__ TilePlace place() const {
    const int row = Paged ? pages_of(args_, entry_.request).row(token_) : entry_.row + token_;
    return {row, token_, static_cast<int>(entry_.request), entry_.n_kv};
  }
  __device__ int skip() const { return Paged ? max(0, run_ - token_) : 0; }
  __device__ bool is_last_of_segment() const { return runs_ == 1 && token_ + kTokens >= end_; }

  __device__ void advance() {
    token_ += kTokens;
    if (token_ < end_) return;
    if (--runs_ > 0) {
      start_run(run_ + args_.run_step);
    } else if (segment().next >= 0) {
      enter(segment().next);
    }
  }

 private:
  __device__ void enter(int i) {
    entry_ = args_.segment(i);
    runs_ = entry_.runs;
    start_run(entry_.token);
  }
  __device__ void start_run(int token) {
    run_ = token;
    token_ = Paged ? token / kTokens * kTokens : token;
    end_ = min(run_ + segment().run_tokens, segment().n_kv);
  }

  const DecodeArgs& args_;
  SegmentEntry entry_;
  int runs_, run_, token_, end_;
};

// First column, in a row of Q or of the cache, of block b: V columns are blocks 0..7.
__device__ __forceinline__ int block_column(const DecodeArgs& args, int b) {
  if (b < kBlocks - 1) return args.v_column + b * kBlock;
  return args.v_column == 0 ? api::kDV : 0;
}

// To every CTA of the cluster.
template <int Cluster>
__device__ __forceinline__ void copy_box(std::uint32_t to, const CUtensorMap* map, int column,
                                         int row, std::uint32_t full) {
  if constexpr (Cluster == 1)
    ptx::tma_load_2d(to, map, column, row, full);
  else
    ptx::tma_load_2d_multicast(to, map, column, row, full, (1 << Cluster) - 1);
}

// Of `Cluster` blocks that are copied at a time each CTA copies one. Of a paged cache page by page;
// behind the last token no page is looked up: rows before the first one read as zero.
template <bool Paged, int Cluster>
__device__ __forceinline__ void copy_block(const Cta<Cluster>& cta, const CUtensorMap* map,
                                           int stage, int b, const TilePlace& tile,
                                           std::uint32_t full) {
  const int column = block_column(cta.args, b);
  const std::uint32_t to = cta.block(stage, b);
  if constexpr (!Paged) return copy_box<Cluster>(to, map, column, tile.row, full);
  const Pages pages = pages_of(cta.args, tile.request);
  int row = tile.row;
#pragma unroll 1
  for (int at = 0;;) {
    copy_box<Cluster>(to + at * (kBlock * 2), map, column, row, full);
    at += 1 << pages.shift;
    if (at >= kTokens) return;
    const int token = tile.token + at;
    row = token < tile.n_kv ? pages.row(token) : -kTokens;
  }
}

// Two quarters, so that scores can start on the first.
template <bool Paged, int Cluster>
__device__ __forceinline__ void copy_half(const Cta<Cluster>& cta, const CUtensorMap* map, Place at,
                                          int half, const TilePlace& tile) {
  ptx::mbarrier_wait(cta.empty(at.stage, half), producer_parity(at.use));
#pragma unroll(Paged ? 1 : 2)
  for (int quarter = 2 * half; quarter < 2 * half + 2; ++quarter) {
    const std::uint32_t full = cta.full(at.set, quarter);
    ptx::mbarrier_arrive_expect(full, kQuarterBytes);
    const int first = quarter * kQuarterBlocks;
#pragma unroll(Paged ? 1 : 2)
    for (int n = 0; n < kQuarterBlocks / Cluster; ++n)
      copy_block<Paged>(cta, map, at.stage, first + n + cta.rank(), tile, full);
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

template <bool Paged, int Cluster>
__device__ __forceinline__ void leave_note(const Cta<Cluster>& cta, const TileCursor<Paged>& at,
                                           int i, bool is_first, int segment) {
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
  note.flags = (is_first ? kFirst : 0) | (is_last ? kLast : 0) |
               (is_last && entry.next < 0 ? kFinal : 0) | at.skip() * kSkipOne;
}

// The tile to L2, a share by each CTA of the slot. Its V columns can't be copied before products of
// tile i - 2 are done, and then come sooner.
template <bool Paged, int Cluster>
__device__ __forceinline__ void prefetch_tile(const Cta<Cluster>& cta, const TilePlace& tile,
                                              int count) {
  constexpr int kRowBytes = api::kDQk * 2;
  const char* const kv = static_cast<const char*>(cta.args.kv);
  const int part = cta.first_row() / kRows;
  if constexpr (!Paged) {
    const int bytes = count * kRowBytes / cta.group;  // a multiple of 16
    ptx::bulk_prefetch_l2(kv + static_cast<std::int64_t>(tile.row) * kRowBytes + part * bytes,
                          bytes);
    return;
  }
  const Pages pages = pages_of(cta.args, tile.request);
  const int share = kTokens / cta.group;
  const int end = tile.token + min(count, (part + 1) * share);
#pragma unroll 1
  for (int token = tile.token + part * share, rows; token < end; token += rows) {
    rows = min(pages.room(token), end - token);
    ptx::bulk_prefetch_l2(kv + static_cast<std::int64_t>(pages.row(token)) * kRowBytes,
                          rows * kRowBytes);
  }
}

// Behind the look at the work, before the first look at a tensor.
__device__ __forceinline__ void wait_to_read() {
  ptx::wait_for_kernel_before();
  ptx::launch_dependents();  // the combine may take its place in the queue
}

// Whoever finds the rotary block of tile i finds the notes of i and of i + 1: a consumer that has
// done tile i - 2 must know whether there is an i + 2. Note i - 7 may be replaced by then: scores
// of i - 2 are done, so P of i - 5 was handed over, so its warpgroup is done with i - 7.
template <bool Paged, int Cluster>
__device__ void produce_rest(const Cta<Cluster>& cta, const Maps& maps) {
  TileCursor<Paged> at(cta.args, cta.slot());
  wait_to_read();
  if (!at.exists()) {
    cta.note(0).flags = kNothing;
    ptx::mbarrier_arrive(cta.started());
    return;
  }
  static_assert(kNotes == 8);
  leave_note(cta, at, 0, true, 0);
  bool is_first = true;
  for (int i = 0, segment = 0; at.exists(); ++i) {
    const TilePlace tile = at.place();
    const int stage = i % kStages, count = at.count();
    // Before the notes: a warpgroup that has one may wait for this use of Q, but for no earlier
    // one.
    if (is_first) copy_q(cta, &maps.q, at.segment(), segment);
    is_first = at.is_last_of_segment();
    if (is_first) ++segment;
    at.advance();
    ptx::mbarrier_wait(cta.rope_empty(stage), producer_parity(i / kStages));
    if constexpr (Cluster == 2) prefetch_tile<Paged>(cta, tile, count);
    if (at.exists()) leave_note(cta, at, i + 1, is_first, segment);
    if (i == 0) ptx::mbarrier_arrive(cta.started());
    ptx::mbarrier_arrive_expect(cta.rope_full(stage), kBlockBytes);
    if (i % Cluster == cta.rank())
      copy_block<Paged>(cta, &maps.kv, stage, kBlocks - 1, tile, cta.rope_full(stage));
  }
}

// `which`: with Reuse a half of every tile, else all of it as K (0) or as V (1). Half i % 2 of tile
// i goes first: it is released first and read first.
template <bool Reuse, bool Paged, int Cluster>
__device__ void produce_halves(const Cta<Cluster>& cta, const CUtensorMap* map, int which) {
  TileCursor<Paged> at(cta.args, cta.slot());
  wait_to_read();
  for (int i = 0; at.exists(); ++i, at.advance()) {
    const TilePlace tile = at.place();
    if constexpr (Reuse) {
      copy_half<Paged>(cta, map, k_place<Reuse>(i), which, tile);
    } else {
      const Place place = which == 0 ? k_place<Reuse>(i) : v_place<Reuse>(i);
#pragma unroll(Paged ? 1 : 2)
      for (int n = 0; n < 2; ++n) copy_half<Paged>(cta, map, place, (i + n) % 2, tile);
    }
  }
}

template <bool Reuse, bool Paged, int Cluster>
__device__ __forceinline__ void produce(const Cta<Cluster>& cta, const Maps& maps) {
  const int warp = threadIdx.x / 32 % 4;
  if (warp == 3) return;
  if (warp == 0)
    produce_rest<Paged>(cta, maps);
  else
    produce_halves<Reuse, Paged>(cta, &maps.kv, warp - 1);
}

}  // namespace mlawave::cuda::tile_reuse_sm90
