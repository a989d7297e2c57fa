// One way to launch a kernel with what newer GPUs add to a launch.
#pragma once

#include <cuda_runtime_api.h>

namespace mlawave::cuda {

struct LaunchShape {
  int ctas = 1;
  int threads = 1;
  int shared_bytes = 0;    // dynamic; above 48 KB the function's limit has been raised before
  int cluster = 1;         // CTAs of a cluster
  bool dependent = false;  // programmatic dependent launch: sm_90 and later
};

// `parameters`: the addresses of the kernel's arguments. Throws where the launch is refused.
void launch_kernel(const void* function, const LaunchShape&, void** parameters, cudaStream_t);

}  // namespace mlawave::cuda
