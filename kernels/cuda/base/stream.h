// An owned stream that does not wait for the default stream.
#pragma once

#include <cuda_runtime_api.h>

#include <memory>

#include "kernels/cuda/base/error.h"

namespace mlawave::cuda {

struct StreamDestroyer {
  using pointer = cudaStream_t;
  void operator()(cudaStream_t s) const noexcept { MLAWAVE_CUDA_LOG(cudaStreamDestroy(s)); }
};

using OwnedStream = std::unique_ptr<cudaStream_t, StreamDestroyer>;

inline OwnedStream make_stream() {
  cudaStream_t s = nullptr;
  MLAWAVE_CUDA_CHECK(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
  return OwnedStream(s);
}

}  // namespace mlawave::cuda
