#include <algorithm>

#include "harness/measure/cuda/read.h"
#include "kernels/cuda/base/error.h"

namespace mlawave::measure {
namespace {

constexpr int kThreads = 512;
constexpr int kLoads = 8;  // 16-byte loads of one thread in flight
constexpr int kCtasPerSm = 4;
static_assert(kReadTile == kThreads * kLoads * sizeof(uint4));

__device__ unsigned read_sink;  // a store that may happen keeps the loads alive

// CTA b reads the tiles b, b + gridDim, …
__global__ void __launch_bounds__(kThreads, kCtasPerSm)
    read_kernel(const uint4* __restrict__ data, std::int64_t tiles) {
  unsigned all = ~0u;
  for (std::int64_t tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
    const uint4* gTile = data + tile * kThreads * kLoads + threadIdx.x;
    uint4 r[kLoads];
#pragma unroll
    for (int i = 0; i < kLoads; ++i) r[i] = __ldg(gTile + i * kThreads);
#pragma unroll
    for (int i = 0; i < kLoads; ++i) all &= r[i].x & r[i].y & r[i].z & r[i].w;
  }
  if (all == ~0u) read_sink = all;
}

}  // namespace

void read_memory(const void* data, std::int64_t bytes, int sms, cudaStream_t stream) {
  const std::int64_t tiles = bytes / kReadTile;
  const int ctas =
      static_cast<int>(std::clamp<std::int64_t>(tiles, 1, std::int64_t{sms} * kCtasPerSm));
  read_kernel<<<ctas, kThreads, 0, stream>>>(static_cast<const uint4*>(data), tiles);
  MLAWAVE_CUDA_CHECK(cudaGetLastError());
}

}  // namespace mlawave::measure
