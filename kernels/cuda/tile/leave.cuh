// The end of a CTA of a Hopper kernel.
#pragma once

#include "kernels/cuda/ptx/dependent_launch.h"
#include "kernels/cuda/ptx/mbarrier.h"
#include "kernels/cuda/tile/empty_requests.cuh"

namespace mlawave::cuda {

// All threads, `Cluster` CTAs to a cluster.
template <int Cluster>
__device__ __forceinline__ void leave(const DecodeArgs& args) {
  if (args.has_empty) {
    ptx::wait_for_kernel_before();
    write_empty(args);
  }
  // Nobody leaves while another CTA may still copy to it or arrive at its barriers.
  if constexpr (Cluster > 1) {
    __syncwarp();
    ptx::cluster_sync();
  }
}

}  // namespace mlawave::cuda
