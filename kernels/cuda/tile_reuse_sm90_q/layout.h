// What the warpgroups of a CTA share, byte by byte.
#pragma once

#include "kernels/cuda/tile_reuse_sm90_q/config.h"

namespace mlawave::cuda::tile_reuse_sm90_q {

// An item of the ring: a tile, or Q of a segment before its first tile.
struct Note {
  int flags;
  int row;    // of its first token in the cache; paged: number of its page; of Q: in Q
  int token;  // index of its first token in the request
  int n_kv;
  int partial;  // where the segment's result goes; -1: the output
  unsigned request : 24;
  unsigned tile : 8;
};
enum : int {
  kFirst = 1,           // tile of its segment
  kLast = 2,            // tile of its segment
  kFinal = 4,           // tile of the slot
  kNothing = 8,         // no item: the slot has no work, or no more
  kQuery = 16,          // no tile, but Q of the segment behind it
  kSkipOne = 1 << 5,    // times the tokens at its begin that are not the run's: paged caches only
  kCountOne = 1 << 16,  // times the valid tokens
};
__device__ __forceinline__ int count_of(int flags) { return flags / kCountOne; }
__device__ __forceinline__ int skip_of(int flags) { return flags % kCountOne / kSkipOne; }

// A place in the schedule. In shared memory, as it is kept by a thread of a warpgroup without a
// register to spare.
struct Walk {
  unsigned request : 24;
  unsigned tile : 8;
  int partial, n_kv, row, run_tokens, next;  // of the segment, see SegmentEntry
  int runs, run, token, end;
  int flags;  // of the next item: kFirst, kQuery, or kNothing: no further one
};

struct SharedLayout {
  static constexpr int kStage = 0;  // [kStages][8 blocks][64 tokens][128 B]
  static constexpr int kRope = kStage + kStages * kStageBytes;  // [kStages][64 tokens][128 B]
  static constexpr int kQRope = kRope + kStages * kBlockBytes;  // [64 rows][128 B]
  static constexpr int kOddStep = kQRope + kBlockBytes;         // [8][2][8 rows][16 B]
  static constexpr int kNorm = kOddStep + kOddStepBytes;        // float[64]
  static constexpr int kShrink = kNorm + kRows * 4;             // uint8[kStages][64]
  static constexpr int kNote = kShrink + kStages * kRows;       // Note[kNotes]
  static constexpr int kWalk = kNote + kNotes * sizeof(Note);
  static constexpr int kBarriers = (kWalk + sizeof(Walk) + 7) / 8 * 8;
  static constexpr int kBarrierCount = kStages * (kQuarters + 2);
  static constexpr int kBytes = kBarriers + 8 * kBarrierCount;
};
static_assert(SharedLayout::kNote % 8 == 0 && SharedLayout::kBarriers % 8 == 0);
static_assert(SharedLayout::kBytes <= 227 * 1024);

}  // namespace mlawave::cuda::tile_reuse_sm90_q
