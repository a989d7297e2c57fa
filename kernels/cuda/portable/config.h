// Shapes of the portable decode kernel; README.md has the table and the reasons.
#pragma once

#include <initializer_list>

#include "kernels/api/problem.h"

namespace mlawave::cuda::portable {

// Where V comes from. The three kernels differ in nothing else.
enum class VSource {
  reload,    // baseline: the V columns of the tile are loaded again from the K cache
  separate,  // baseline_separate_v: V has a cache of its own
  reuse,     // tile_reuse: the K tile in shared memory is read again as V
};

inline constexpr int kRows = 16;    // query rows a CTA processes together: M of m16n8k16
inline constexpr int kTokens = 32;  // KV tokens in a tile
inline constexpr int kWarps = 8;
inline constexpr int kThreads = 32 * kWarps;
inline constexpr int kWarpColumns = api::kDV / kWarps;  // of O, per warp

// 1168 B a row: 16 B of padding turn the eight rows of an ldmatrix into eight different bank
// groups.
inline constexpr int kRowBytes = api::kDQk * 2 + 16;
inline constexpr int kSlotBytes = kTokens * kRowBytes;
inline constexpr int kQBytes = kRows * kRowBytes;
inline constexpr int kScoreStride = kTokens + 8;  // floats; conflict-free for 8-byte accesses
inline constexpr int kScoreBytes = 2 * kRows * kScoreStride * 4;  // two halves of the K dimension

// From this many slots on, the scores of the next tile are computed beside the values of this one.
inline constexpr int kPipelinedSlots = 5;

constexpr int shared_bytes(int slots) {
  return slots * kSlotBytes + kQBytes + (slots >= kPipelinedSlots ? 2 : 1) * kScoreBytes;
}

// The deepest ring that fits a CTA with so much shared memory; 0: none does.
constexpr int deepest_ring(int shared_bytes_per_cta) {
  for (int slots : {5, 3, 2})
    if (shared_bytes(slots) <= shared_bytes_per_cta) return slots;
  return 0;
}
static_assert(shared_bytes(2) <= 99 * 1024, "two slots fit a 99-KB part (sm_86, 89, 120)");
static_assert(shared_bytes(3) <= 163 * 1024, "three slots fit an A100");
static_assert(shared_bytes(5) <= 227 * 1024, "five slots fit an H100");

}  // namespace mlawave::cuda::portable
