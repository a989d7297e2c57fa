// Shapes of the Hopper kernel for 64 and more query rows; README.md has the table and the reasons.
#pragma once

#include "kernels/api/problem.h"

namespace mlawave::cuda::tile_reuse_sm90 {

inline constexpr int kRows = 64;    // query rows of a CTA: M of every product
inline constexpr int kTokens = 64;  // of a KV tile
inline constexpr int kBlock = 64;   // columns of a 128-byte row: the unit of the swizzle
inline constexpr int kBlocks = api::kDQk / kBlock;  // 9: V columns first, then the rotary ones
inline constexpr int kQuarters = 4;  // of V's columns: what is copied and released at once
inline constexpr int kQuarterBlocks = api::kDV / kBlock / kQuarters;  // 2
inline constexpr int kQuarterColumns = kQuarterBlocks * kBlock;       // 128

inline constexpr int kBlockBytes = kTokens * 128;
inline constexpr int kQuarterBytes = kQuarterBlocks * kBlockBytes;
inline constexpr int kStageBytes = kBlocks * kBlockBytes;  // four quarters and the rotary block

inline constexpr int kStages = 2;
inline constexpr int kNotes = 4;  // tiles the consumers may lie behind, see produce()

// Four warpgroups, one role each. Registers sum up to 512, which is 65536 / 128.
inline constexpr int kThreads = 512;
inline constexpr int kProducerRegisters = 40;
inline constexpr int kScoreRegisters = 152;
inline constexpr int kValueRegisters = 160;
static_assert(kProducerRegisters + kScoreRegisters + 2 * kValueRegisters <= 512);

// Value warpgroups that keep half of P V back (see decode()), with two and four CTAs a slot:
// between memory and compute a tile must not stay long, bound by compute the tensor cores must not
// wait.
inline constexpr int kHoldBackOf2 = 0;
inline constexpr int kHoldBackOf4 = 2;

// A row's reference for exponentials stays what it is until the sum of a tile's P in one thread
// passes this: P is then at most 256, far inside f16, and O is hardly ever rescaled.
inline constexpr float kSumLimit = 256.f;

}  // namespace mlawave::cuda::tile_reuse_sm90
