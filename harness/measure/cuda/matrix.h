// The tensor cores' peak: f16 matrix products with f32 sums from operands that are already on
// chip, nothing else. wgmma on sm_90a, mma.sync elsewhere.
#pragma once

#include <cuda_runtime_api.h>

namespace mlawave::measure {

// Enqueues `rounds` rounds of products on one CTA per SM and writes to `flops_per_round` (device
// memory) how many floating-point operations a CTA's round has. The operands are random, of
// standard deviation 1 (zeros would run faster).
void multiply_matrices(int sms, int rounds, double* flops_per_round, cudaStream_t);

}  // namespace mlawave::measure
