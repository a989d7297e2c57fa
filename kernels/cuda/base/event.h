// An owned event that keeps time.
#pragma once

#include <cuda_runtime_api.h>

#include <memory>

#include "kernels/cuda/base/error.h"

namespace mlawave::cuda {

struct EventDestroyer {
  using pointer = cudaEvent_t;
  void operator()(cudaEvent_t e) const noexcept { MLAWAVE_CUDA_LOG(cudaEventDestroy(e)); }
};

using OwnedEvent = std::unique_ptr<cudaEvent_t, EventDestroyer>;

inline OwnedEvent make_event() {
  cudaEvent_t e = nullptr;
  MLAWAVE_CUDA_CHECK(cudaEventCreate(&e));
  return OwnedEvent(e);
}

// Both must have happened.
inline double elapsed_us(cudaEvent_t begin, cudaEvent_t end) {
  float ms = 0;
  MLAWAVE_CUDA_CHECK(cudaEventElapsedTime(&ms, begin, end));
  return 1e3 * ms;
}

}  // namespace mlawave::cuda
