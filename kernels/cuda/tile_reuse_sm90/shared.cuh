// One CTA's view of its shared memory and barriers.
#pragma once

#include <cstdint>

#include "kernels/cuda/ptx/cp_async.h"
#include "kernels/cuda/ptx/mbarrier.h"
#include "kernels/cuda/tile/decode_args.h"
#include "kernels/cuda/tile_reuse_sm90/layout.h"

namespace mlawave::cuda::tile_reuse_sm90 {

// Where tile i lies in shared memory as K and as V: a stage and the number of its use. Its arrival:
// a set of barriers and the number of that one's use. Scores of odd tiles are one warpgroup's,
// those of even tiles the other's, and who waits for every second use only can't tell two uses
// apart: so K's sets alternate, also where its stage does not.
struct Place {
  int stage, use;
  int set, set_use;
};
template <bool Reuse>
__device__ __forceinline__ Place k_place(int i) {
  return Reuse ? Place{i % kStages, i / kStages, i % 2, i / 2} : Place{0, i, i % 2, i / 2};
}
template <bool Reuse>
__device__ __forceinline__ Place v_place(int i) {
  return Reuse ? k_place<Reuse>(i) : Place{1, i, 2, i};
}

// Parities to wait for: of use number n of a barrier by its consumer, and by its producer (which
// finds the first use free).
__device__ __forceinline__ int consumer_parity(int n) { return n & 1; }
__device__ __forceinline__ int producer_parity(int n) { return (n & 1) ^ 1; }

// `Cluster` CTAs hold neighbouring rows of the same head tile and share its loads. Registers are
// short, so only the base address is kept; the rest is worked out where it is used.
template <int Cluster>
struct Cta {
  const DecodeArgs& args;
  int group;           // CTAs of a slot
  std::uint32_t base;  // address of the shared memory

  __device__ int slot() const { return static_cast<int>(blockIdx.x) / group; }
  __device__ int rank() const { return static_cast<int>(blockIdx.x) % Cluster; }  // in the cluster
  __device__ int tile_rows() const { return group * kRows; }                      // of a head tile
  __device__ int first_row() const {  // of this CTA inside a head tile
    return static_cast<int>(blockIdx.x) % group * kRows;
  }

  template <class T>
  __device__ T* pointer(std::uint32_t address) const {
    return static_cast<T*>(__cvta_shared_to_generic(address));
  }
  __device__ std::uint32_t block(int stage, int b) const {
    return base + SharedLayout::kStage + stage * kStageBytes + b * kBlockBytes;
  }
  __device__ TileNote& note(int i) const {
    return pointer<TileNote>(base + SharedLayout::kNote)[i % kNotes];
  }
  __device__ float* shrink() const { return pointer<float>(base + SharedLayout::kShrink); }
  __device__ float* reference() const { return pointer<float>(base + SharedLayout::kBase); }
  __device__ float* sum() const { return pointer<float>(base + SharedLayout::kSum); }
  __device__ float* norm() const { return pointer<float>(base + SharedLayout::kNorm); }
  __device__ int* moved() const { return pointer<int>(base + SharedLayout::kMoved); }

  // Barriers. `full`: the copy arrived; `empty`: every reader in the cluster is done.
  __device__ std::uint32_t barrier(int i) const { return base + SharedLayout::kBarriers + 8 * i; }
  __device__ std::uint32_t full(int set, int quarter) const {
    return barrier(set * kQuarters + quarter);
  }
  static constexpr int kEmpties = kSets * kQuarters;
  __device__ std::uint32_t empty(int stage, int half) const {
    return barrier(kEmpties + stage * 2 + half);
  }
  static constexpr int kRopes = kEmpties + kStages * 2;
  __device__ std::uint32_t rope_full(int stage) const { return barrier(kRopes + stage); }
  __device__ std::uint32_t rope_empty(int stage) const { return barrier(kRopes + kStages + stage); }
  static constexpr int kOthers = kRopes + 2 * kStages;
  __device__ std::uint32_t q_full() const { return barrier(kOthers); }
  __device__ std::uint32_t q_empty() const { return barrier(kOthers + 1); }
  __device__ std::uint32_t p_full(int w) const {
    return barrier(kOthers + 2 + w);
  }  // of warpgroup w
  __device__ std::uint32_t started() const { return barrier(kOthers + 4); }

  // One thread, for the whole CTA. Four warps of each CTA read what a copy brought.
  __device__ void init() const {
    constexpr int kArrivals = 4 * ptx::kWarpArrivals;
    for (int i = 0; i < kSets * kQuarters; ++i) ptx::mbarrier_init(barrier(i), 1);
    for (int stage = 0; stage < kStages; ++stage) {
      for (int half = 0; half < 2; ++half)
        ptx::mbarrier_init(empty(stage, half), kArrivals * Cluster);
      ptx::mbarrier_init(rope_full(stage), 1);
      ptx::mbarrier_init(rope_empty(stage), kArrivals * Cluster);
    }
    ptx::mbarrier_init(q_full(), 1);
    ptx::mbarrier_init(q_empty(), kArrivals);
    ptx::mbarrier_init(p_full(0), kArrivals);
    ptx::mbarrier_init(p_full(1), kArrivals);
    ptx::mbarrier_init(started(), 1);
    ptx::mbarrier_init_fence();
  }

  // Lanes that sync_warp_to_arrive() names: the warp is done with what a copy brought to this CTA.
  __device__ void release(std::uint32_t empty) const {
    ptx::mbarrier_arrive(empty);
    if constexpr (Cluster == 2) ptx::mbarrier_arrive_remote(empty, rank() ^ 1);
  }
};

}  // namespace mlawave::cuda::tile_reuse_sm90
