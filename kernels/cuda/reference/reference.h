// The right answer on the GPU: MLA attention in fp64, two passes, nothing clever. Same semantics
// as kernels/reference (the CPU oracle, which is too slow to check a whole sweep with).
#pragma once

#include <cuda_runtime_api.h>

#include "kernels/api/kernel.h"
#include "kernels/api/problem.h"
#include "kernels/cuda/base/buffer.h"
#include "kernels/reference/reference.h"

namespace mlawave::cuda {

// Shapes as in reference::Answer. Keeps its memory from call to call: about 256 MiB of scores and
// the output in fp64.
class Reference {
 public:
  // Reads tensors.q, kv and, for a paged cache, block_table (device pointers); V is the columns of
  // kv that layout names. Complete when it returns. Throws CudaError.
  reference::Answer compute(const api::MlaProblem&, const api::MlaTensors&, cudaStream_t);

 private:
  Buffer<double> scores_, out_, lse_;
};

}  // namespace mlawave::cuda
