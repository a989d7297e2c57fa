#include "kernels/cuda/tile/hopper.h"

#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include "kernels/cuda/base/error.h"

namespace mlawave::cuda {

api::Support check_hopper() {
  int device = 0, major = 0, minor = 0;
  MLAWAVE_CUDA_CHECK(cudaGetDevice(&device));
  MLAWAVE_CUDA_CHECK(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device));
  MLAWAVE_CUDA_CHECK(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, device));
  if (major != 9 || minor != 0)
    return {false, fmt::format("compute capability {}.{}: expected 9.0", major, minor)};
  return {};
}

}  // namespace mlawave::cuda
