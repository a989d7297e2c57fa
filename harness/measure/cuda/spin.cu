#include "harness/measure/cuda/spin.h"
#include "kernels/cuda/base/error.h"
#include "kernels/cuda/ptx/special_registers.h"

namespace mlawave::measure {
namespace {

__global__ void spin_kernel(long long cycles) {
  const long long begin = clock64();
  while (clock64() - begin < cycles) {
  }
}

__global__ void note_kernel(int* seen) {
  if (threadIdx.x == 0) atomicExch(&seen[ptx::sm_id()], 1);
}

__global__ void trap_kernel() { __trap(); }

}  // namespace

void spin(long long cycles, cudaStream_t stream) {
  spin_kernel<<<1, 1, 0, stream>>>(cycles);
  MLAWAVE_CUDA_CHECK(cudaGetLastError());
}

void note_sms(int* seen, int ctas, cudaStream_t stream) {
  note_kernel<<<ctas, 1024, 0, stream>>>(seen);
  MLAWAVE_CUDA_CHECK(cudaGetLastError());
}

void trap(cudaStream_t stream) {
  trap_kernel<<<1, 1, 0, stream>>>();
  MLAWAVE_CUDA_CHECK(cudaGetLastError());
}

}  // namespace mlawave::measure
