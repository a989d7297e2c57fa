// What follows from a row's sum of exponentials. A row that saw no token has the sum 0; one with a
// NaN among its scores has NaN, and shows it.
#pragma once

namespace mlawave::cuda {

// What the row's O is multiplied by at the end.
__device__ __forceinline__ float norm_of(float sum) { return sum == 0.f ? 0.f : 1.f / sum; }

// Natural logarithm of 2^base · sum.
__device__ __forceinline__ float log_sum_exp(float base, float sum) {
  return sum == 0.f ? -INFINITY : (base + log2f(sum)) * 0.693147180559945f;
}

}  // namespace mlawave::cuda
