#include "kernels/cuda/base/driver.h"

namespace mlawave::cuda::detail {

void* driver_entry(const char* name, unsigned version) {
  void* entry = nullptr;
  cudaDriverEntryPointQueryResult found = cudaDriverEntryPointSymbolNotFound;
  const cudaError_t error =
      cudaGetDriverEntryPointByVersion(name, &entry, version, cudaEnableDefault, &found);
  if (error != cudaSuccess) {
    cudaGetLastError();  // a missing driver is an answer here, not a pending error
    return nullptr;
  }
  return found == cudaDriverEntryPointSuccess ? entry : nullptr;
}

}  // namespace mlawave::cuda::detail
