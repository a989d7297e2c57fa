// Shapes of the Hopper kernel for 64 and more query rows; README.md has the table and the reasons.
#pragma once

#include "kernels/api/problem.h"
#include "kernels/cuda/tile/wide_rows.h"

namespace mlawave::cuda::tile_reuse_sm90 {

inline constexpr int kRows = kWideRows;  // query rows of a CTA: M of every product
inline constexpr int kTokens = 64;       // of a KV tile
inline constexpr int kBlock = 64;        // columns of a 128-byte row: the unit of the swizzle
inline constexpr int kSmallestPage =
    8;  // as in tile_reuse_sm90_t; shorter boxes were not tuned for
inline constexpr int kBlocks = api::kDQk / kBlock;  // 9: V columns first, then the rotary ones
inline constexpr int kHalfBlocks = api::kDV / kBlock / 2;  // 4, of V's columns: one warpgroup's O
inline constexpr int kHalfColumns = kHalfBlocks * kBlock;  // 256
inline constexpr int kQuarters = 4;                        // what a copy brings at once
inline constexpr int kQuarterBlocks = kHalfBlocks / 2;     // 2

inline constexpr int kBlockBytes = kTokens * 128;
inline constexpr int kHalfBytes = kHalfBlocks * kBlockBytes;
inline constexpr int kQuarterBytes = kQuarterBlocks * kBlockBytes;
inline constexpr int kStageBytes = kBlocks * kBlockBytes;  // two halves and the rotary block

inline constexpr int kStages = 2;
inline constexpr int kSets = 3;   // of barriers for what arrives, see Place
inline constexpr int kNotes = 8;  // see leave_note()

// A producer and two consumer warpgroups. Registers sum up to 504; 65536 / 384 is 170.
inline constexpr int kThreads = 384;
inline constexpr int kProducerRegisters = 40;
inline constexpr int kConsumerRegisters = 232;
static_assert(kProducerRegisters + 2 * kConsumerRegisters <= 504);

// A row's reference for exponentials stays what it is until the sum of a tile's P in one thread
// passes this: P is then at most 256, far inside f16, and O is hardly ever rescaled.
inline constexpr float kSumLimit = 256.f;

}  // namespace mlawave::cuda::tile_reuse_sm90
