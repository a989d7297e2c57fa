// What the four warpgroups of a CTA share, byte by byte.
#pragma once

#include "kernels/cuda/tile_reuse_sm90/config.h"

namespace mlawave::cuda::tile_reuse_sm90 {

// What the consumers must know of a tile; the producer alone walks the schedule.
struct alignas(16) TileNote {
  int token;  // index of its first token in the request
  int count;  // valid tokens, 1..64
  int n_kv;
  int flags;
  int request, tile;  // of the segment
  int partial;        // where the segment's result goes; -1: the output
};
enum : int {
  kFirst = 1,   // tile of its segment
  kLast = 2,    // tile of its segment
  kFinal = 4,   // tile of the slot
  kNothing = 8  // no tile at all: the slot has no work
};

struct SharedLayout {
  static constexpr int kQ = 0;  // [9 blocks][64 rows][128 B]
  static constexpr int kStage =
      kQ + kBlocks * kBlockBytes;  // [kStages][9 blocks][64 tokens][128 B]
  static constexpr int kP = kStage + kStages * kStageBytes;  // [64 rows][64 tokens]
  static constexpr int kShrink = kP + kBlockBytes;           // float[64]: O is multiplied by it …
  static constexpr int kShrinks = kShrink + kRows * 4;  // int[4]: … where its warp's flag is set
  static constexpr int kNorm = kShrinks + 16;           // float[64]: 1 / sum of the row
  static constexpr int kNote = kNorm + kRows * 4;       // TileNote[kNotes]
  static constexpr int kBarriers = kNote + kNotes * sizeof(TileNote);
  static constexpr int kBarrierCount = 2 * kStages * (kQuarters + 1) + 5;
  static constexpr int kBytes = kBarriers + 8 * kBarrierCount;
  static constexpr int kAllocated = kBytes + 1024;  // room to align the base to 1024
};
static_assert(SharedLayout::kAllocated <= 227 * 1024);
static_assert(SharedLayout::kNote % 16 == 0 && SharedLayout::kBarriers % 8 == 0);

}  // namespace mlawave::cuda::tile_reuse_sm90
