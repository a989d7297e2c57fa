// Shapes of the transposed Hopper kernels; README.md has the table and the reasons.
#pragma once

#include "kernels/api/problem.h"
#include "kernels/cuda/tile/packed_partial.h"
#include "kernels/schedule/schedule.h"

namespace mlawave::cuda::tile_reuse_sm90_t {

inline constexpr int kTokens = 64;  // of a tile: M of the score product
inline constexpr int kRowStep = 8;  // rows in which the swizzle repeats: what copies are made of
inline constexpr int kShortHeights = kTokens / kRowStep - 1;  // of a shorter tile: 8, 16 … 56 rows
inline constexpr int kBlock = 64;                             // columns of a 128-byte row
inline constexpr int kBlocks = api::kDQk / kBlock;            // 9
inline constexpr int kVBlocks = api::kDV / kBlock;            // 8
inline constexpr int kStages = 2;
inline constexpr int kSpare = kStages;  // number of the spare stage: Shape::kSpareTokens
inline constexpr int kGroups = 3;       // of column blocks: each arrives, and is used, on its own
inline constexpr int kGroupBlocks = kBlocks / kGroups;
inline constexpr int kVCopies = 2;  // of V alone (reload), in boxes of
inline constexpr int kVCopyBlocks = kVBlocks / kVCopies;

inline constexpr int kRowBytes = kBlock * 2;
inline constexpr int kBlockBytes = kTokens * kRowBytes;
inline constexpr int kStageBytes = kBlocks * kBlockBytes;

// Where V comes from. The twins differ in nothing else.
enum class VSource {
  reload,  // baseline_sm90_t: the V columns of the tile are loaded again into a stage of their own
  reuse,   // tile_reuse_sm90_t: the K tile is read again, transposed
};

// Rows that are copied for a tile of `count` tokens.
MLAWAVE_HD constexpr int height_of(int count) {
  return (count + kRowStep - 1) / kRowStep * kRowStep;
}

// What a CTA makes of its query rows (N of both products).
template <int Rows>
struct Shape {
  static constexpr int kWarpgroups = 2;  // consumers
  static constexpr int kConsumers = 128 * kWarpgroups;
  // One thread produces. Where the consumers need more registers than an equal share, it needs a
  // warpgroup of its own all the same: only then can it hand its registers over (setmaxnreg).
  static constexpr bool kHandsOver = Rows == 64;
  static constexpr int kThreads = kConsumers + (kHandsOver ? 128 : 32);
  // Two warpgroups share the columns of the score product, and swap the sums of their rows; or they
  // share its rows, where twice the reads of K do not matter.
  static constexpr bool kScoresByColumns = Rows == 16;
  static constexpr int kScoreRows = Rows / kWarpgroups;        // rows a warpgroup scores
  static constexpr int kValueBlocks = kVBlocks / kWarpgroups;  // column blocks of O it keeps
  // Independent accumulators of the score product: one chain would wait for itself, and what the
  // tensor core truncates grows with a chain's sum (two: 1.1e-4 in a log-sum-exp of 45).
  static constexpr int kScoreChains = Rows == 16 ? 4 : 3;
  // With 16 rows the exchange of the rows' largest numbers takes as long as half the bytes save.
  static constexpr PartialFormat kPartials =
      Rows == 16 ? PartialFormat::f32 : PartialFormat::packed_columns;
  // A low stage for the slot's first tile, so that a short one takes no room from those behind it.
  static constexpr int kSpareTokens = Rows == 16 ? 32 : 0;
  static constexpr int kSpareBlockBytes = kSpareTokens * kRowBytes;

  // Shared memory, from a base aligned to 1024. With 16 and 32 rows the combine's CTAs have room
  // beside it, so that each kernel's start overlaps the end of the other.
  static constexpr int kQBytes = kBlocks * Rows * 128;
  static constexpr int kQ = kStages * kStageBytes + kBlocks * kSpareBlockBytes;
  static constexpr int kP = kQ + kQBytes;  // Pᵀ: Rows × 64 tokens
  // In its place, when a segment's last product has read it: [warpgroup][4 warps][Rows]
  static constexpr int kTops = kP;
  static_assert(kWarpgroups * 4 * sizeof(float) <= 128);
  static constexpr int kStats = kP + Rows * 128;         // [warpgroup][4 warps][kScoreRows]
  static constexpr int kShrink = kStats + 4 * Rows * 4;  // [Rows]
  static constexpr int kMaximum = kShrink + Rows * 4;    // [Rows]
  static constexpr int kSwap = kMaximum + Rows * 4;      // [warpgroup][128] float4
  static constexpr int kItems = kSwap + (kScoresByColumns ? kConsumers * 16 : 0);  // [kStages + 1]
  static constexpr int kBarriers = kItems + (kStages + 1) * 32;
  static constexpr int kBytes = kBarriers + 8 * ((kStages + 1) * (kGroups + 1) + 2);
  static constexpr int kAllocated = kBytes + 1024;  // room to align the base
  static_assert(kAllocated <= 227 * 1024);
  // The score product reads 64 rows, of the spare stage's last block into Q; what they give is
  // masked.
  static_assert(kSpareTokens == 0 || kQBytes >= (kTokens - kSpareTokens) * kRowBytes);
};

}  // namespace mlawave::cuda::tile_reuse_sm90_t
