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

// Shared memory a CTA may have, by compute capability · 10 (CUDA C++ Programming Guide 13.0,
// "Technical Specifications per Compute Capability").
constexpr int shared_bytes_per_cta(int capability) {
  switch (capability) {
    case 80:
    case 87:
      return 163 << 10;
    case 90:
    case 100:
    case 101:
    case 103:
    case 110:
      return 227 << 10;
    default:
      return 99 << 10;
  }
}

// Slots of the ring in code for this compute capability · 10: as many as fit. One depth for each
// architecture that is compiled for, as the kernels take long to compile.
constexpr int ring_slots(int capability) {
  for (int slots : {5, 3})
    if (shared_bytes(slots) <= shared_bytes_per_cta(capability)) return slots;
  return 2;
}
static_assert(ring_slots(80) == 3 && ring_slots(86) == 2 && ring_slots(89) == 2);
static_assert(ring_slots(90) == 5 && ring_slots(120) == 2);
static_assert(shared_bytes(2) <= 99 * 1024);

}  // namespace mlawave::cuda::portable
