// Decode attention on Hopper for 64 query rows a CTA; two CTAs of a cluster share the tiles they
// load.
//
//   scores      S = Q Kᵀ with Q in registers, P = softmax(S)      64 × 64
//   values 0    O += P V, 256 of the 512 columns; copies tiles    64 × 256
//   values 1    the other columns; walks the schedule             64 × 256
//
// V is the K tile in shared memory, read again through a transposing descriptor.
#pragma once

#include "kernels/cuda/ptx/warpgroup.h"
#include "kernels/cuda/tile/leave.cuh"
#include "kernels/cuda/tile_reuse_sm90_q/score.cuh"
#include "kernels/cuda/tile_reuse_sm90_q/value.cuh"

namespace mlawave::cuda::tile_reuse_sm90_q {

// `group`: CTAs of a slot, each with 64 rows of its head tiles; a multiple of Cluster.
template <api::Dtype D, int Cluster, bool Paged>
__global__ void __launch_bounds__(kThreads, 1)
    decode(const __grid_constant__ DecodeArgs args, const __grid_constant__ Maps maps,
           const int group) {
  extern __shared__ __align__(1024) char shared[];
  const int group_shift = group / 2;  // log2 of 1, 2 or 4
  const Cta<Cluster> cta{args, group_shift, ptx::shared_address(shared)};
  if (threadIdx.x == 0) {
    if (cta.base % 1024 != 0) __trap();  // there is no room to align it
    ptx::tma_prefetch_map(&maps.kv);
    ptx::tma_prefetch_map(&maps.q);
    ptx::tma_prefetch_map(&maps.kv_block);
    ptx::tma_prefetch_map(&maps.q_block);
    cta.init();
  }
  __syncthreads();
  if constexpr (Cluster == 2) ptx::cluster_sync_relaxed();

  const int role = __shfl_sync(~0u, threadIdx.x / 128, 0);  // so that it counts as uniform
  if (role == 0) {
    ptx::take_registers<kScoreRegisters>();
    score<D, Paged>(cta);
  } else {
    ptx::give_registers<kValueRegisters>();
    add_values<D, Paged>(cta, maps, role - 1);
  }
  leave<Cluster>(args);
}

}  // namespace mlawave::cuda::tile_reuse_sm90_q
