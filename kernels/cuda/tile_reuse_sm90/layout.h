// What the three warpgroups of a CTA share, byte by byte.
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
  int q;              // number of the segment in the slot: the use of Q's place
};
enum : int {
  kFirst = 1,    // tile of its segment
  kLast = 2,     // tile of its segment
  kFinal = 4,    // tile of the slot
  kNothing = 8,  // no tile at all: the slot has no work
  kSkipOne = 16  // times the tokens at its begin that are not the run's: paged caches only
};

struct SharedLayout {
  static constexpr int kQ = 0;  // [9 blocks][64 rows][128 B]
  static constexpr int kStage =
      kQ + kBlocks * kBlockBytes;  // [kStages][9 blocks][64 tokens][128 B]
  static constexpr int kP = kStage + kStages * kStageBytes;  // [64 rows][64 tokens]
  // One row's numbers, float[64] each, see hand_over().
  static constexpr int kShrink = kP + kBlockBytes;
  static constexpr int kBase = kShrink + kRows * 4;
  static constexpr int kSum = kBase + kRows * 4;
  static constexpr int kNorm = kSum + kRows * 4;
  static constexpr int kMoved = kNorm + kRows * 4;  // int[4], one of each warp
  static constexpr int kNote = kMoved + 16;         // TileNote[kNotes]
  static constexpr int kBarriers = kNote + kNotes * sizeof(TileNote);
  static constexpr int kBarrierCount = kSets * kQuarters + kStages * (2 + 2) + 5;
  static constexpr int kBytes = kBarriers + 8 * kBarrierCount;
  static constexpr int kAllocated = kBytes + 1024;  // room to align the base to 1024
};
static_assert(SharedLayout::kAllocated <= 227 * 1024);
static_assert(SharedLayout::kNote % 16 == 0 && SharedLayout::kBarriers % 8 == 0);

}  // namespace mlawave::cuda::tile_reuse_sm90
