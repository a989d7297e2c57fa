// The producer thread: keeps the ring of tiles and the Q tile filled through the copy engine.
#pragma once

#include "kernels/cuda/ptx/cp_async.h"
#include "kernels/cuda/ptx/dependent_launch.h"
#include "kernels/cuda/ptx/mbarrier.h"
#include "kernels/cuda/ptx/tma.h"
#include "kernels/cuda/tile/decode_args.h"
#include "kernels/cuda/tile/tile_walk.h"
#include "kernels/cuda/tile_reuse_sm90_t/variants.h"

namespace mlawave::cuda::tile_reuse_sm90_t {

struct Barriers {
  std::uint32_t base;
  // Group g of the columns of stage s arrived; stage s may be replaced; the same for the Q tile.
  __device__ std::uint32_t full(int s, int g) const { return base + 8 * (s * kGroups + g); }
  __device__ std::uint32_t empty(int s) const { return base + 8 * ((kSpare + 1) * kGroups + s); }
  __device__ std::uint32_t q_full() const { return empty(kStages); }
  __device__ std::uint32_t q_empty() const { return empty(kStages) + 8; }
};

// What a stage holds, told to the consumers, so that they need not walk the schedule themselves.
struct Item {
  int partial;       // of the segment; -1: write the output
  int token, count;  // of the tile; count 0: no more work
  int n_kv;
  int request;
  int head_tile;
  bool first, last;
};
static_assert(sizeof(Item) <= 32);

// Ctas CTAs of a cluster share every tile: they take turns in copying to all of them. `EvictFirst`:
// DecodeArgs::evict_first; not asked at each copy, of which a short range waits for every step.
template <int Rows, int Ctas, VSource V, bool EvictFirst>
class Producer {
  using S = Shape<Rows>;

 public:
  __device__ Producer(const DecodeArgs& args, const Maps& maps, char* shared,
                      const Barriers& barriers)
      : args_(args),
        maps_(maps),
        items_(reinterpret_cast<Item*>(shared + S::kItems)),
        shared_(ptx::shared_address(shared)),
        barriers_(barriers) {}

  __device__ void run() {
    const int v_block = args_.v_column / kBlock;
    TileWalk<kTokens> walk(args_, blockIdx.x / Ctas, args_.block_table != nullptr);
    ptx::wait_for_kernel_before();
    ptx::launch_dependents();  // the combine may take its place in the queue
    bool is_start = S::kSpareTokens > 0;
    for (KvTile tile; walk.next(tile);) {
      const SegmentEntry& segment = walk.segment();
      if (args_.block_table) pages_ = args_.paged_rows_of(segment.request), n_kv_ = segment.n_kv;
      const bool is_spare = is_start && tile.count <= S::kSpareTokens && !tile.last;
      if (is_spare)
        stage_ = kSpare;
      else
        next_stage();
      items_[stage_] = {segment.partial,
                        tile.token,
                        tile.count,
                        segment.n_kv,
                        static_cast<int>(segment.request),
                        static_cast<int>(segment.tile),
                        tile.first,
                        tile.last};
      // The Q tile may be in use for long: but for the first time, K goes ahead of it.
      const bool is_first = segments_ == 0;
      if (is_first) load_q(segment);
      load_k(tile);
      if (tile.first && !is_first) load_q(segment);
      if (is_start && !is_spare) say_end(kSpare);
      is_start = false;
      if (V == VSource::reload) {
        next_stage();
        load_v(tile, v_block);
      }
    }
    if (is_start) say_end(kSpare);
    next_stage();
    say_end(stage_);
  }

 private:
  // No tile will come to this stage.
  __device__ void say_end(int stage) {
    items_[stage].count = 0;
    ptx::mbarrier_arrive(barriers_.full(stage, 0));
  }

  __device__ void next_stage() {
    stage_ = item_ % kStages;
    ptx::mbarrier_wait(barriers_.empty(stage_), (item_ / kStages + 1) % 2);
    ++item_;
  }

  // A tile into the stage. The arrivals publish what items_ says.
  __device__ void load_k(const KvTile& tile) {
    constexpr bool kOnce = EvictFirst && V == VSource::reuse;
    for (int g = 0; g < kGroups; ++g)
      copy<kOnce>(&maps_.k, tile, g * kGroupBlocks, kGroupBlocks, g);
  }

  // Its V columns alone, to where the whole tile would have them.
  __device__ void load_v(const KvTile& tile, int v_block) {
    for (int g = 0; g < kVCopies; ++g)
      copy<EvictFirst>(&maps_.v, tile, v_block + g * kVCopyBlocks, kVCopyBlocks, g);
    for (int g = kVCopies; g < kGroups; ++g) ptx::mbarrier_arrive(barriers_.full(stage_, g));
  }

  // `count` blocks of columns, which group g waits for: in one box of `whole`, or, of a shorter
  // tile, one by one.
  template <bool Once>
  __device__ void copy(const CUtensorMap* whole, const KvTile& tile, int block, int count, int g) {
    const std::uint32_t full = barriers_.full(stage_, g);
    const int height = height_of(tile.count);
    ptx::mbarrier_arrive_expect(full, height * count * kRowBytes);
    if (Ctas > 1 && (item_ + g) % Ctas != static_cast<int>(blockIdx.x) % Ctas) return;
    if (args_.block_table && pages_.neighbours(tile.token, height) < height)
      return copy_pieces<Once>(tile.token, height, block, count, full);
    const int row = args_.block_table ? static_cast<int>(pages_[tile.token]) : tile.row;
    if (height == kTokens) return copy_box<Once>(whole, row, block, 0, full);
    for (int b = block; b < block + count; ++b)
      copy_box<Once>(&maps_.short_kv[height / kRowStep - 1], row, b, 0, full);
  }

  // The same of a tile that crosses the border of a page, in the highest boxes that lie in one
  // each. Behind the last token no page is looked up: rows before the first one read as zero.
  template <bool Once>
  __device__ void copy_pieces(int token, int height, int block, int count, std::uint32_t full) {
    for (int at = 0, piece; at < height; at += piece) {
      piece = pages_.neighbours(token + at, height - at) / kRowStep * kRowStep;
      const CUtensorMap* map = &maps_.short_kv[piece / kRowStep - 1];
      const int row = token + at < n_kv_ ? static_cast<int>(pages_[token + at]) : -kTokens;
      for (int b = block; b < block + count; ++b) copy_box<Once>(map, row, b, at, full);
    }
  }

  // To row `at` of a block of the stage.
  template <bool Once>
  __device__ void copy_box(const CUtensorMap* map, int row, int block, int at, std::uint32_t full) {
    const int block_bytes = stage_ == kSpare ? S::kSpareBlockBytes : kBlockBytes;
    const std::uint32_t to = shared_ + stage_ * kStageBytes + block * block_bytes + at * kRowBytes;
    if constexpr (Ctas == 1)
      ptx::tma_load_3d(to, map, 0, row, block, full, Once);
    else
      ptx::tma_load_3d_multicast(to, map, 0, row, block, full, (1 << Ctas) - 1, Once);
  }

  __device__ void load_q(const SegmentEntry& segment) {
    ptx::mbarrier_wait(barriers_.q_empty(), (segments_ + 1) % 2);
    ++segments_;
    ptx::mbarrier_arrive_expect(barriers_.q_full(), S::kQBytes);
    const int row = segment.request * args_.rows() +
                    (segment.tile * Ctas + static_cast<int>(blockIdx.x) % Ctas) * Rows;
    ptx::tma_load_3d(shared_ + S::kQ, &maps_.q, 0, row, 0, barriers_.q_full(), false);
  }

  const DecodeArgs& args_;
  const Maps& maps_;
  Item* items_;
  std::uint32_t shared_;
  Barriers barriers_;
  api::CacheRows pages_;  // of the tile's request, with its n_kv; paged caches only
  int n_kv_ = 0;
  int item_ = 0, stage_ = 0, segments_ = 0;
};

}  // namespace mlawave::cuda::tile_reuse_sm90_t
