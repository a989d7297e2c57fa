// Decode attention on Hopper for 64 query rows a CTA; two CTAs of a cluster share the tiles they
// load.
//
//   producer        copies Q and KV tiles
//   scores          S = Q Kᵀ, P = softmax(S)                  64 × 64
//   values 0, 1     O += P V, 256 of the 512 columns each     64 × 256
//
// V is the K tile in shared memory, read again through a transposing descriptor (Reuse), or the
// same columns loaded again into a stage of their own (!Reuse): the two kernels differ in nothing
// else.
#pragma once

#include "kernels/cuda/tile/empty_requests.cuh"
#include "kernels/cuda/tile_reuse_sm90/produce.cuh"
#include "kernels/cuda/tile_reuse_sm90/scores.cuh"
#include "kernels/cuda/tile_reuse_sm90/values.cuh"

namespace mlawave::cuda::tile_reuse_sm90 {

// `group`: CTAs of a slot, each with 64 rows of its head tiles; a multiple of Cluster.
// HoldBack: so many value warpgroups (0..2) keep half of P V back until the scores of the next tile
// are there: the tensor cores then have work while its softmax is computed, but the tile stays
// longer.
template <api::Dtype D, bool Reuse, int Cluster, int HoldBack>
__global__ void __launch_bounds__(kThreads, 1)
    decode(const __grid_constant__ DecodeArgs args, const __grid_constant__ CUtensorMap kv_map,
           const __grid_constant__ CUtensorMap q_map, const int group) {
  extern __shared__ char unaligned[];
  const std::uint32_t unaligned_base = ptx::shared_address(unaligned);
  const Cta<Cluster> cta{args, group, (unaligned_base + 1023) / 1024 * 1024};
  if (threadIdx.x == 0) {
    ptx::tma_prefetch_map(&kv_map);
    ptx::tma_prefetch_map(&q_map);
    cta.init();
  }
  __syncthreads();
  if constexpr (Cluster == 2) ptx::cluster_sync_relaxed();

  const int role = threadIdx.x / 128;
  if (role == 0) {
    ptx::give_registers<kProducerRegisters>();
    if (threadIdx.x % 32 == 0) produce<Reuse>(cta, &kv_map, &q_map);
  } else if (role == 1) {
    ptx::take_registers<kScoreRegisters>();
    compute_scores<D, Reuse, HoldBack>(cta);
  } else {
    ptx::take_registers<kValueRegisters>();
    if (role == 2)
      accumulate_values<D, Reuse, HoldBack, 0>(cta);
    else
      accumulate_values<D, Reuse, HoldBack, 1>(cta);
  }
  if (args.has_empty) {
    ptx::wait_for_kernel_before();
    write_empty(args);
  }
  // Nobody leaves while the other CTA may still copy to it or arrive at its barriers.
  if constexpr (Cluster == 2) {
    __syncwarp();
    ptx::cluster_sync();
  }
}

}  // namespace mlawave::cuda::tile_reuse_sm90
