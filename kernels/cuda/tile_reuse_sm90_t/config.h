// Shapes of the transposed Hopper kernel; README.md has the table and the reasons.
#pragma once

#include "kernels/api/problem.h"

namespace mlawave::cuda::tile_reuse_sm90_t {

inline constexpr int kTokens = 64;                  // of a tile: M of the score product
inline constexpr int kBoxTokens = 32;               // of one copy: half a tile
inline constexpr int kBlock = 64;                   // columns of a 128-byte row
inline constexpr int kBlocks = api::kDQk / kBlock;  // 9
inline constexpr int kVBlocks = api::kDV / kBlock;  // 8
inline constexpr int kStages = 2;
inline constexpr int kGroups = 3;  // of column blocks: each arrives, and is used, on its own
inline constexpr int kGroupBlocks = kBlocks / kGroups;
inline constexpr int kConsumers = 128;  // one warpgroup
inline constexpr int kThreads = kConsumers + 32;

inline constexpr int kBlockBytes = kTokens * 128;
inline constexpr int kStageBytes = kBlocks * kBlockBytes;
inline constexpr int kBoxBytes = kBoxTokens * 128;

// Independent accumulators of the score product: one chain would wait for itself.
template <int Rows>
inline constexpr int kScoreChains = Rows == 16 ? 4 : 2;

template <int Rows>  // query rows of a head tile: N
struct SharedLayout {
  static constexpr int kQBytes = kBlocks * Rows * 128;
  static constexpr int kQ = kStages * kStageBytes;  // two Q tiles
  static constexpr int kP = kQ + 2 * kQBytes;       // Pᵀ: Rows × 64 tokens
  static constexpr int kStats = kP + Rows * 128;    // [4 warps][Rows] maxima, then sums
  static constexpr int kBarriers = kStats + 4 * Rows * 4;
  static constexpr int kBytes = kBarriers + 8 * (kStages * (kGroups + 1) + 4);
  static constexpr int kAllocated = kBytes + 1024;  // room to align the base to 1024
  static_assert(kAllocated <= 227 * 1024);
};

}  // namespace mlawave::cuda::tile_reuse_sm90_t
