// The producer thread: keeps the ring of tiles and the Q tiles filled through the copy engine.
#pragma once

#include "kernels/cuda/ptx/cp_async.h"
#include "kernels/cuda/ptx/mbarrier.h"
#include "kernels/cuda/ptx/tma.h"
#include "kernels/cuda/tile/decode_args.h"
#include "kernels/cuda/tile/tile_walk.h"
#include "kernels/cuda/tile_reuse_sm90_t/config.h"

namespace mlawave::cuda::tile_reuse_sm90_t {

struct Barriers {
  std::uint32_t base;
  // Group g of the columns of stage s arrived; stage s may be replaced; the same for the Q tiles.
  __device__ std::uint32_t full(int s, int g) const { return base + 8 * (s * kGroups + g); }
  __device__ std::uint32_t empty(int s) const { return base + 8 * (kStages * kGroups + s); }
  __device__ std::uint32_t q_full(int i) const { return empty(kStages) + 16 * i; }
  __device__ std::uint32_t q_empty(int i) const { return empty(kStages) + 16 * i + 8; }
};

// What a stage holds, told to the consumers, so that they need not walk the schedule themselves.
struct Item {
  std::int64_t partial;  // of the segment; -1: write the output
  int token, count;      // of the tile; count 0: no more work
  int n_kv;
  int request;
  short head_tile;  // at most 64
  bool first, last;
};
static_assert(sizeof(Item) == 32);

// Ctas CTAs of a cluster share every tile: each copies its share of the boxes to all of them.
template <int Rows, int Ctas, VSource V>
class Producer {
  using S = Shape<Rows>;
  // Unrolled copies start sooner; the producer of 64 rows has few registers.
  static constexpr int kUnroll = Rows == 64 ? 1 : kBlocks;

 public:
  __device__ Producer(const DecodeArgs& args, const CUtensorMap* kv_map, const CUtensorMap* q_map,
                      char* shared, const Barriers& barriers)
      : args_(args),
        kv_map_(kv_map),
        q_map_(q_map),
        items_(reinterpret_cast<Item*>(shared + S::kItems)),
        shared_(ptx::shared_address(shared)),
        barriers_(barriers) {}

  __device__ void run() {
    const int v_block = args_.v_column / kBlock;
    TileWalk<kTokens> walk(args_, blockIdx.x / Ctas);
    for (KvTile tile; walk.next(tile);) {
      const schedule::Segment& segment = walk.segment();
      next_stage();
      items_[stage_] = {segment.partial, tile.token,      tile.count,
                        walk.n_kv(),     segment.request, static_cast<short>(segment.tile),
                        tile.first,      tile.last};
      // The only Q tile of 64 rows may be in use for long: K goes ahead of it.
      if (tile.first && S::kQTiles > 1) load_q(segment);
      load_blocks(tile, 0, kBlocks);
      if (tile.first && S::kQTiles == 1) load_q(segment);
      if (V == VSource::reload) {
        next_stage();
        load_blocks(tile, v_block, v_block + kVBlocks);
      }
    }
    next_stage();
    items_[stage_].count = 0;
    for (int g = 0; g < kGroups; ++g) ptx::mbarrier_arrive(barriers_.full(stage_, g));
  }

 private:
  __device__ void next_stage() {
    stage_ = item_ % kStages;
    ptx::mbarrier_wait(barriers_.empty(stage_), (item_ / kStages + 1) % 2);
    ++item_;
  }

  // Column blocks [from, to) of a tile into the stage. The arrivals publish what items_ says.
  __device__ void load_blocks(const KvTile& tile, int from, int to) {
    const int boxes = (tile.count + kBoxTokens - 1) / kBoxTokens;
#pragma unroll kUnroll
    for (int g = 0; g < kGroups; ++g) {
      const int first = max(from, g * kGroupBlocks), last = min(to, (g + 1) * kGroupBlocks);
      const std::uint32_t barrier = barriers_.full(stage_, g);
      ptx::mbarrier_arrive_expect(barrier, boxes * (last - first) * kBoxBytes);
#pragma unroll kUnroll
      for (int c = first; c < last; ++c) load_block(tile, boxes, c, barrier);
    }
  }

  __device__ void load_block(const KvTile& tile, int boxes, int c, std::uint32_t barrier) {
    for (int box = 0; box < boxes; ++box) {
      const std::uint32_t to = shared_ + stage_ * kStageBytes + c * kBlockBytes + box * kBoxBytes;
      const int row = static_cast<int>(tile.row) + box * kBoxTokens;
      if constexpr (Ctas == 1)
        ptx::tma_load_2d(to, kv_map_, c * kBlock, row, barrier);
      else if (box % Ctas == static_cast<int>(blockIdx.x) % Ctas)
        ptx::tma_load_2d_multicast(to, kv_map_, c * kBlock, row, barrier, (1 << Ctas) - 1);
    }
  }

  __device__ void load_q(const schedule::Segment& segment) {
    const int i = segments_ % S::kQTiles;
    ptx::mbarrier_wait(barriers_.q_empty(i), (segments_ / S::kQTiles + 1) % 2);
    ++segments_;
    ptx::mbarrier_arrive_expect(barriers_.q_full(i), S::kQBytes);
    const int row = segment.request * args_.rows() +
                    (segment.tile * Ctas + static_cast<int>(blockIdx.x) % Ctas) * Rows;
#pragma unroll kUnroll
    for (int c = 0; c < kBlocks; ++c)
      ptx::tma_load_2d(shared_ + S::kQ + i * S::kQBytes + c * Rows * 128, q_map_, c * kBlock, row,
                       barriers_.q_full(i));
  }

  const DecodeArgs& args_;
  const CUtensorMap* kv_map_;
  const CUtensorMap* q_map_;
  Item* items_;
  std::uint32_t shared_;
  Barriers barriers_;
  int item_ = 0, stage_ = 0, segments_ = 0;
};

}  // namespace mlawave::cuda::tile_reuse_sm90_t
