// The value warpgroups fill the ring: Q of a segment, then its tiles. One thread of values 1 walks
// the schedule and leaves notes; each warp of values 0 copies a quarter of the V columns.
#pragma once

#include "kernels/cuda/ptx/cp_async.h"
#include "kernels/cuda/ptx/dependent_launch.h"
#include "kernels/cuda/ptx/tma.h"
#include "kernels/cuda/tile_reuse_sm90_q/shared.cuh"
#include "kernels/cuda/tile_reuse_sm90_q/variants.h"

namespace mlawave::cuda::tile_reuse_sm90_q {

// Tiles of a paged cache begin at multiples of 64, so that a page of 64 is a whole tile: the first
// of a run may have tokens before it, which are masked.
template <bool Paged>
__device__ __forceinline__ void start_run(Walk& walk, int token) {
  walk.run = token;
  walk.token = Paged ? token / kTokens * kTokens : token;
  walk.end = min(token + walk.run_tokens, walk.n_kv);
}

template <bool Paged>
__device__ __forceinline__ void enter_segment(const DecodeArgs& args, Walk& walk, int i) {
  const SegmentEntry entry = args.segment(i);
  walk.request = entry.request;
  walk.tile = entry.tile;
  walk.partial = entry.partial;
  walk.n_kv = entry.n_kv;
  walk.row = entry.row;
  walk.run_tokens = entry.run_tokens;
  walk.next = entry.next;
  walk.runs = entry.runs;
  walk.flags = entry.runs > 0 ? kQuery : kNothing;
  start_run<Paged>(walk, entry.token);
}

// The next item of the ring; goes on to the one behind it. Of a paged cache `row` is the token: the
// caller looks up its page, see page_entry().
template <bool Paged, int Cluster>
__device__ __forceinline__ void take_step(const Cta<Cluster>& cta, Walk& walk, Note& note) {
  const int flags = walk.flags;
  note.flags = flags;
  if (flags & kNothing) return;
  note.request = walk.request;
  note.tile = walk.tile;
  if (flags & kQuery) {
    note.row = static_cast<int>(walk.request) * cta.args.rows() +
               static_cast<int>(walk.tile) * cta.tile_rows() + cta.first_row();
    walk.flags = kFirst;
    return;
  }
  const int token = walk.token, left = walk.end - token;
  note.token = token;
  note.row = Paged ? token : walk.row + token;
  note.n_kv = walk.n_kv;
  note.partial = walk.partial;
  int marks = flags + min(kTokens, left) * kCountOne;
  if (Paged) marks += max(0, walk.run - token) * kSkipOne;
  walk.flags = 0;
  walk.token = token + kTokens;
  if (left > kTokens) {
    note.flags = marks;
  } else if (walk.runs > 1) {
    note.flags = marks;
    walk.runs -= 1;
    start_run<Paged>(walk, walk.run + cta.args.run_step);
  } else if (walk.next >= 0) {
    note.flags = marks | kLast;
    enter_segment<Paged>(cta.args, walk, walk.next);
  } else {
    note.flags = marks | kLast | kFinal;
    walk.flags = kNothing;
  }
}

// Where the page of a token is listed.
__device__ __forceinline__ const std::int32_t* page_entry(const DecodeArgs& args,
                                                          const Note& note) {
  // In 32 bits: registers are short.
  return args.block_table + (static_cast<int>(note.request) * static_cast<int>(args.max_pages) +
                             (note.row >> args.page_shift));
}
// Row in the cache of a note's first token, by its page.
__device__ __forceinline__ int row_in_page(const DecodeArgs& args, int page, int token) {
  return (page << args.page_shift) + (token & ((1 << args.page_shift) - 1));
}

// A box of the cache is copied by one CTA of the cluster, to both: CTA `turn` mod 2. Quarters take
// turns; rotary blocks of stages 0 and 2 are CTA 0's.
template <int Cluster>
__device__ __forceinline__ void copy_box(const Cta<Cluster>& cta, std::uint32_t to,
                                         const CUtensorMap* map, int row, int block,
                                         std::uint32_t full, int turn, bool is_query) {
  if (is_query)
    ptx::tma_load_3d(to, map, 0, row, block, full, false);
  else if (Cluster == 1)
    ptx::tma_load_3d(to, map, 0, row, block, full, cta.args.evict_first);
  else if (turn % Cluster == cta.rank())
    ptx::tma_load_3d_multicast(to, map, 0, row, block, full, (1 << Cluster) - 1,
                               cta.args.evict_first);
}

// One warp's share of an item, whose stage is free.
template <int Cluster>
__device__ __forceinline__ void copy_share(const Cta<Cluster>& cta, const Maps& maps, int stage,
                                           int row, bool is_query) {
  const int warp = thread() / 32;
  static_assert(kQuarters == 4);
  const int v_block = cta.args.v_column / kBlock;
  const std::uint32_t full = cta.full(stage, warp);
  ptx::mbarrier_arrive_expect(full, kQuarterBytes);
  copy_box(cta, cta.block(stage, warp * kQuarterBlocks), is_query ? &maps.q : &maps.kv, row,
           v_block + warp * kQuarterBlocks, full, warp, is_query);
  // The rotary block: by a warp that has no quarter to copy, if there is one.
  if (warp != 1 - cta.rank()) return;
  const std::uint32_t last = cta.full(stage, kQuarters - 1);
  ptx::mbarrier_arrive_expect(last, kBlockBytes);
  copy_box(cta, cta.rope(stage), is_query ? &maps.q_block : &maps.kv_block, row,
           v_block == 0 ? kVBlocks : 0, last, stage, is_query);
}

// One thread of each warp of values 0. Fills the ring.
template <bool Paged, int Cluster>
__device__ __forceinline__ void start_copies(const Cta<Cluster>& cta, const Maps& maps) {
  Walk walk;
  enter_segment<Paged>(cta.args, walk, cta.slot());
  ptx::wait_for_kernel_before();
  ptx::launch_dependents();  // the combine may take its place in the queue
#pragma unroll 1
  for (int j = 0; j < kStages; ++j) {
    Note note;
    take_step<Paged>(cta, walk, note);
    const bool is_query = note.flags & kQuery;
    if (Paged && !(note.flags & (kQuery | kNothing)))
      note.row = row_in_page(cta.args, *page_entry(cta.args, note), note.token);
    if (thread() == 0) cta.note({j, 0}) = note;
    if (note.flags & kNothing) {
      if (j == 0 && thread() == 0) ptx::mbarrier_arrive(cta.full(0, 0));
      return;
    }
    copy_share(cta, maps, j, note.row, is_query);
  }
}

// One thread of values 1: goes past what start_copies() copies.
template <bool Paged, int Cluster>
__device__ __forceinline__ void start_notes(const Cta<Cluster>& cta) {
  Walk walk;
  Note note;
  enter_segment<Paged>(cta.args, walk, cta.slot());
#pragma unroll 1
  for (int j = 0; j < kStages; ++j) take_step<Paged>(cta, walk, note);
  cta.walk() = walk;
}

// One thread of values 1, while item `at` is multiplied: the note of what takes its place.
template <bool Paged, int Cluster>
__device__ __forceinline__ void leave_note(const Cta<Cluster>& cta, const Ring& at) {
  Note& note = cta.note(at.next_use());
  take_step<Paged>(cta, cta.walk(), note);
  if constexpr (Paged) {
    if (!(note.flags & (kQuery | kNothing)))
      ptx::cp_async_4(ptx::shared_address(&note.row), page_entry(cta.args, note));
    ptx::cp_async_commit();
  }
}

// One thread of each warp of values 0, done with item `at`: fills its place.
template <bool Paged, int Cluster>
__device__ __forceinline__ void copy_next(const Cta<Cluster>& cta, const Maps& maps,
                                          const Ring& at) {
  ptx::mbarrier_wait(cta.empty(at.stage), at.parity);
  const Note& note = cta.note(at.next_use());
  const int flags = note.flags;
  if (flags & kNothing) return;
  const bool is_query = flags & kQuery;
  const int row = Paged && !is_query ? row_in_page(cta.args, note.row, note.token) : note.row;
  copy_share(cta, maps, at.stage, row, is_query);
}

}  // namespace mlawave::cuda::tile_reuse_sm90_q
