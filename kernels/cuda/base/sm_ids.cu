#include "kernels/cuda/base/buffer.h"
#include "kernels/cuda/base/sm_ids.h"
#include "kernels/cuda/ptx/special_registers.h"

namespace mlawave::cuda {
namespace {

constexpr int kMaxSms = 1024;
constexpr int kThreads = 1024;         // two such CTAs would fit, the shared memory prevents it
constexpr long long kStayNs = 20'000;  // longer than it takes to start all CTAs

__global__ void __launch_bounds__(kThreads) note_sm(int* seen) {
  if (threadIdx.x != 0) return;
  if (const unsigned sm = ptx::sm_id(); sm < kMaxSms) atomicExch(&seen[sm], 1);
  const long long begin = ptx::global_ns();
  while (ptx::global_ns() - begin < kStayNs) {
  }
}

}  // namespace

std::vector<int> sm_ids(cudaStream_t stream, int ctas) {
  int device = 0, shared_bytes = 0;
  MLAWAVE_CUDA_CHECK(cudaGetDevice(&device));
  MLAWAVE_CUDA_CHECK(
      cudaDeviceGetAttribute(&shared_bytes, cudaDevAttrMaxSharedMemoryPerBlockOptin, device));
  MLAWAVE_CUDA_CHECK(
      cudaFuncSetAttribute(note_sm, cudaFuncAttributeMaxDynamicSharedMemorySize, shared_bytes));
  Buffer<int> seen(kMaxSms);
  MLAWAVE_CUDA_CHECK(cudaMemsetAsync(seen.data(), 0, seen.bytes(), stream));
  note_sm<<<ctas, kThreads, shared_bytes, stream>>>(seen.data());
  MLAWAVE_CUDA_CHECK(cudaGetLastError());
  std::vector<int> flags(kMaxSms);
  MLAWAVE_CUDA_CHECK(
      cudaMemcpyAsync(flags.data(), seen.data(), seen.bytes(), cudaMemcpyDeviceToHost, stream));
  MLAWAVE_CUDA_CHECK(cudaStreamSynchronize(stream));
  std::vector<int> ids;
  for (int sm = 0; sm < kMaxSms; ++sm)
    if (flags[sm]) ids.push_back(sm);
  return ids;
}

}  // namespace mlawave::cuda
