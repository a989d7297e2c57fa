// Decode attention on Hopper for 64 query rows a CTA; two CTAs of a cluster share the tiles they
// load.
//
//   producer         copies Q and KV tiles
//   consumers 0, 1   S = Q Kᵀ and P = softmax(S) of every second tile     64 × 64
//                    O += P V of every tile, 256 of the 512 columns each  64 × 256
//
// V is the K tile in shared memory, read again through a transposing descriptor (Reuse), or the
// same columns loaded again into a stage of their own (!Reuse): the two kernels differ in nothing
// else.
#pragma once

#include "kernels/cuda/tile/leave.cuh"
#include "kernels/cuda/tile_reuse_sm90/consume.cuh"
#include "kernels/cuda/tile_reuse_sm90/produce.cuh"

namespace mlawave::cuda::tile_reuse_sm90 {

// `group`: CTAs of a slot, each with 64 rows of its head tiles; a multiple of Cluster.
template <api::Dtype D, bool Reuse, int Cluster, bool Paged>
__global__ void __launch_bounds__(kThreads, 1)
    decode(const __grid_constant__ DecodeArgs args, const __grid_constant__ Maps maps,
           const int group) {
  extern __shared__ char unaligned[];
  const std::uint32_t unaligned_base = ptx::shared_address(unaligned);
  const Cta<Cluster> cta{args, group, (unaligned_base + 1023) / 1024 * 1024};
  if (threadIdx.x == 0) {
    ptx::tma_prefetch_map(&maps.kv);
    ptx::tma_prefetch_map(&maps.q);
    cta.init();
  }
  __syncthreads();
  if constexpr (Cluster == 2) ptx::cluster_sync_relaxed();

  const int role = __shfl_sync(~0u, threadIdx.x / 128, 0);  // so that it counts as uniform
  if (role == 0) {
    ptx::give_registers<kProducerRegisters>();
    if (threadIdx.x % 32 == 0) produce<Reuse, Paged>(cta, maps);
  } else {
    ptx::take_registers<kConsumerRegisters>();
    consume<D, Reuse, Paged>(cta, role - 1);
  }
  leave<Cluster>(args);
}

}  // namespace mlawave::cuda::tile_reuse_sm90
