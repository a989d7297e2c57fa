// The right answer on the GPU: MLA attention in fp64, two passes, nothing clever. Same semantics
// as kernels/reference (the CPU oracle, which is too slow to check a whole sweep with).
#pragma once

#include <cuda_runtime_api.h>

#include <vector>

#include "kernels/api/kernel.h"
#include "kernels/api/problem.h"
#include "kernels/cuda/base/buffer.h"

namespace mlawave::cuda {

struct ReferenceAnswer {
  std::vector<double> out;  // [batch, s_q, heads, 512]; 0 where a row sees no token
  std::vector<double> lse;  // [batch, s_q, heads]; -inf where a row sees no token
};

// Keeps its memory from call to call: about 256 MiB of scores and the output in fp64.
class Reference {
 public:
  // Reads tensors.q and tensors.kv (device pointers); V is the columns of kv that layout names.
  // Complete when it returns. Throws CudaError.
  ReferenceAnswer compute(const api::MlaProblem&, const api::MlaTensors&, cudaStream_t);

 private:
  Buffer<double> scores_, out_, lse_;
};

}  // namespace mlawave::cuda
