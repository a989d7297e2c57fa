// Shapes of the Hopper kernel with Q in registers; README.md has the table and the reasons.
#pragma once

#include "kernels/api/problem.h"
#include "kernels/cuda/tile/wide_rows.h"

namespace mlawave::cuda::tile_reuse_sm90_q {

inline constexpr int kRows = kWideRows;  // query rows of a CTA: M of every product
inline constexpr int kTokens = 64;       // of a KV tile
inline constexpr int kBlock = 64;        // columns of a 128-byte row: the unit of the swizzle
inline constexpr int kBlocks = api::kDQk / kBlock;  // 9: V columns first, then the rotary ones
inline constexpr int kVBlocks = api::kDV / kBlock;  // 8
inline constexpr int kHalfBlocks = kVBlocks / 2;    // of V: one value warpgroup's O
inline constexpr int kHalfColumns = kHalfBlocks * kBlock;
inline constexpr int kQuarters = 4;  // of V's columns: what a copy brings at once
inline constexpr int kQuarterBlocks = kVBlocks / kQuarters;

inline constexpr int kBlockBytes = kTokens * 128;
inline constexpr int kQuarterBytes = kQuarterBlocks * kBlockBytes;
inline constexpr int kStageBytes = kVBlocks * kBlockBytes;

inline constexpr int kStages = 3;
inline constexpr int kNotes = 2 * kStages;
inline constexpr int kSteps = kBlock / 16;  // of a block, in which Q Kᵀ is multiplied
// Of the 36 steps, those with Q in registers. Then comes one with a place of its own in shared
// memory, then the rotary block's.
inline constexpr int kQuerySteps = 31;
inline constexpr int kOddStepBytes = kRows * 32;

// Scores, and two halves of the values. Registers sum up to 504; 65536 / 384 is 170.
inline constexpr int kThreads = 384;
inline constexpr int kValueRegisters = 160;
inline constexpr int kScoreRegisters = 504 - 2 * kValueRegisters;

// P of a tile is handed over when all but so many steps of the next tile's S are done.
inline constexpr int kTailSteps = 12;

// A row's reference for exponentials stays what it is until a score passes it by more than this in
// powers of two: P is then at most 256, far inside f16, and O is hardly ever rescaled.
inline constexpr float kExponentLimit = 8.f;

}  // namespace mlawave::cuda::tile_reuse_sm90_q
