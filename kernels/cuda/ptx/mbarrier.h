// Barriers in shared memory that also count bytes of asynchronous copies (sm_90 and later).
// A phase ends when every expected arrival and byte is in; `parity` is the phase number's low bit.
#pragma once

#include <cstdint>

namespace mlawave::ptx {

__device__ inline void mbarrier_init(std::uint32_t barrier, int arrivals) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(barrier), "r"(arrivals) : "memory");
}

// Makes initialised barriers visible to the copy engine and to the cluster.
__device__ inline void mbarrier_init_fence() {
  asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
}

__device__ inline void mbarrier_arrive(std::uint32_t barrier) {
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(barrier) : "memory");
}

// A warp arrives when all its lanes are done with what they read or wrote: __syncwarp(), then one
// of them for all. racecheck takes an arrival for the lane's own accesses only, so a build for it
// (MLAWAVE_EVERY_LANE_ARRIVES) has every lane arrive.
#ifdef MLAWAVE_EVERY_LANE_ARRIVES
inline constexpr int kWarpArrivals = 32;
#else
inline constexpr int kWarpArrivals = 1;
#endif

// Whether this lane arrives for its warp.
__device__ inline bool sync_warp_to_arrive() {
  __syncwarp();
  return kWarpArrivals == 32 || threadIdx.x % 32 == 0;
}

// At the same barrier of CTA `rank` of the cluster. Says that reads are over; publishes no store: a
// release at cluster scope would be a fence of the whole GPU, half a microsecond and more.
__device__ inline void mbarrier_arrive_remote(std::uint32_t barrier, int rank) {
  asm volatile(
      "{\n"
      ".reg .b32 remote;\n"
      "mapa.shared::cluster.u32 remote, %0, %1;\n"
      "mbarrier.arrive.shared::cluster.b64 _, [remote];\n"
      "}\n" ::"r"(barrier),
      "r"(rank)
      : "memory");
}

__device__ inline void mbarrier_arrive_expect(std::uint32_t barrier, int bytes) {
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(barrier), "r"(bytes)
               : "memory");
}

__device__ inline void mbarrier_wait(std::uint32_t barrier, int parity) {
  asm volatile(
      "{\n"
      ".reg .pred done;\n"
      "wait_%=:\n"
      "mbarrier.try_wait.parity.shared::cta.b64 done, [%0], %1;\n"
      "@!done bra wait_%=;\n"
      "}\n" ::"r"(barrier),
      "r"(parity)
      : "memory");
}

// All threads of all CTAs of the cluster.
__device__ inline void cluster_sync() {
  asm volatile(
      "barrier.cluster.arrive.release.aligned;\n"
      "barrier.cluster.wait.acquire.aligned;" ::
          : "memory");
}

// The same, ordering no memory; lanes of a warp may come apart.
__device__ inline void cluster_sync_relaxed() {
  asm volatile(
      "barrier.cluster.arrive.relaxed;\n"
      "barrier.cluster.wait;" ::
          : "memory");
}

}  // namespace mlawave::ptx
