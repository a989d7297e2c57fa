// One CTA's view of its shared memory and barriers.
#pragma once

#include <cstdint>

#include "kernels/cuda/ptx/cp_async.h"
#include "kernels/cuda/ptx/mbarrier.h"
#include "kernels/cuda/ptx/special_registers.h"
#include "kernels/cuda/tile/decode_args.h"
#include "kernels/cuda/tile_reuse_sm90_q/layout.h"

namespace mlawave::cuda::tile_reuse_sm90_q {

// Of this warpgroup. Read anew wherever it is used: what follows from it would else be kept in
// registers, of which none is free.
__device__ __forceinline__ int thread() { return ptx::thread_anew() % 128; }

// The first of this thread's two rows; the other is 8 on.
__device__ __forceinline__ int first_row_of_thread() {
  const int t = thread();
  return t / 32 * 16 + t % 32 / 4;
}

// 2^-shrink, see Cta::shrink().
__device__ __forceinline__ float shrink_factor(int shrink) {
  return __int_as_float((127 - shrink) << 23);
}

// The stage of an item of the ring and the parity of its use.
struct Ring {
  int stage = 0, parity = 0;
  __device__ void advance() {
    if (++stage == kStages) stage = 0, parity ^= 1;
  }
  __device__ int stage_before() const { return stage == 0 ? kStages - 1 : stage - 1; }
  // The item two before.
  __device__ Ring two_before() const {
    return stage == kStages - 1 ? Ring{0, parity} : Ring{stage + 1, parity ^ 1};
  }
  // The item that takes this one's stage.
  __device__ Ring next_use() const { return {stage, parity ^ 1}; }
  static_assert(kStages == 3);
};

// `Cluster` CTAs hold neighbouring rows of the same head tile and share its loads. Registers are
// short, so only the base address is kept; the rest is worked out where it is used.
template <int Cluster>
struct Cta {
  const DecodeArgs& args;
  int group_shift;     // log2 of the CTAs of a slot
  std::uint32_t base;  // address of the shared memory

  __device__ int slot() const { return static_cast<int>(blockIdx.x) >> group_shift; }
  __device__ int rank() const { return static_cast<int>(blockIdx.x) % Cluster; }
  __device__ int place() const {  // in the slot
    return static_cast<int>(blockIdx.x) & ((1 << group_shift) - 1);
  }
  __device__ int tile_rows() const { return kRows << group_shift; }
  __device__ int first_row() const { return place() * kRows; }

  template <class T>
  __device__ T* pointer(int offset) const {
    return static_cast<T*>(__cvta_shared_to_generic(base + offset));
  }
  __device__ std::uint32_t block(int stage, int b) const {
    return base + SharedLayout::kStage + stage * kStageBytes + b * kBlockBytes;
  }
  // Rotary block of a stage, or P in its place.
  __device__ std::uint32_t rope(int stage) const {
    return base + SharedLayout::kRope + stage * kBlockBytes;
  }
  __device__ std::uint32_t q_rope() const { return base + SharedLayout::kQRope; }
  __device__ std::uint32_t odd_step() const { return base + SharedLayout::kOddStep; }
  // Notes outlast an item by one turn of the ring: the next one is left while the old is in use.
  __device__ Note& note(const Ring& at) const {
    return pointer<Note>(SharedLayout::kNote)[at.stage + kStages * at.parity];
  }
  __device__ Walk& walk() const { return *pointer<Walk>(SharedLayout::kWalk); }
  // Logarithm of 1 / what O of the rows is multiplied by before a tile's product; 127: by 0.
  __device__ std::uint8_t* shrink(int stage) const {
    return pointer<std::uint8_t>(SharedLayout::kShrink) + stage * kRows;
  }
  // Inverse sums of a segment's rows.
  __device__ float* norm() const { return pointer<float>(SharedLayout::kNorm); }

  __device__ std::uint32_t barrier(int i) const { return base + SharedLayout::kBarriers + 8 * i; }
  // The last quarter arrives with the rotary block.
  __device__ std::uint32_t full(int stage, int quarter) const {
    return barrier(stage * kQuarters + quarter);
  }
  // Every reader in the cluster is done.
  __device__ std::uint32_t empty(int stage) const { return barrier(kStages * kQuarters + stage); }
  // P is there, with what the value warpgroups must know of the tile; or Q was read.
  __device__ std::uint32_t p_full(int stage) const {
    return barrier(kStages * (kQuarters + 1) + stage);
  }

  // One thread, for the whole CTA.
  __device__ void init() const {
    constexpr int kArrivals = 4 * ptx::kWarpArrivals;
    for (int stage = 0; stage < kStages; ++stage) {
      for (int quarter = 0; quarter < kQuarters; ++quarter)
        ptx::mbarrier_init(full(stage, quarter), quarter == kQuarters - 1 ? 2 : 1);
      ptx::mbarrier_init(empty(stage), 2 * kArrivals * Cluster);
      ptx::mbarrier_init(p_full(stage), kArrivals);
    }
    ptx::mbarrier_init_fence();
  }
};

}  // namespace mlawave::cuda::tile_reuse_sm90_q
