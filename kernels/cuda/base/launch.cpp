#include "kernels/cuda/base/launch.h"

#include "kernels/cuda/base/error.h"

namespace mlawave::cuda {

void launch_kernel(const void* function, const LaunchShape& shape, void** parameters,
                   cudaStream_t stream) {
  cudaLaunchAttribute attributes[2] = {};
  cudaLaunchConfig_t config{};
  config.gridDim = shape.ctas;
  config.blockDim = shape.threads;
  config.dynamicSmemBytes = shape.shared_bytes;
  config.stream = stream;
  config.attrs = attributes;
  if (shape.cluster > 1) {
    cudaLaunchAttribute& a = attributes[config.numAttrs++];
    a.id = cudaLaunchAttributeClusterDimension;
    a.val.clusterDim = {static_cast<unsigned>(shape.cluster), 1, 1};
  }
  if (shape.dependent) {
    cudaLaunchAttribute& a = attributes[config.numAttrs++];
    a.id = cudaLaunchAttributeProgrammaticStreamSerialization;
    a.val.programmaticStreamSerializationAllowed = 1;
  }
  MLAWAVE_CUDA_CHECK(cudaLaunchKernelExC(&config, function, parameters));
}

}  // namespace mlawave::cuda
