#pragma once

#include "kernels/cuda/tile/decode_args.h"

namespace mlawave::cuda {

// Requests without a token have no unit; their rows are dealt to the CTAs here.
inline __device__ void write_empty(const DecodeArgs& args) {
  for (int r = blockIdx.x; r < args.batch; r += gridDim.x) {
    if (args.n_kv[r] != 0) continue;
    const std::int64_t first = static_cast<std::int64_t>(r) * args.rows();
    uint4* out = reinterpret_cast<uint4*>(static_cast<char*>(args.out) + first * api::kDV * 2);
    for (int i = threadIdx.x; i < args.rows() * api::kDV / 8; i += blockDim.x)
      out[i] = make_uint4(0, 0, 0, 0);
    for (int i = threadIdx.x; i < args.rows(); i += blockDim.x) args.lse[first + i] = -INFINITY;
  }
}

}  // namespace mlawave::cuda
