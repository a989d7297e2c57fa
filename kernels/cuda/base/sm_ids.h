// Which SMs a stream's kernels run on.
#pragma once

#include <cuda_runtime_api.h>

#include <vector>

namespace mlawave::cuda {

// The %smid seen by `ctas` CTAs that each fill an SM and are resident at the same time as far as
// the stream's SMs allow; sorted. With at least as many CTAs as SMs: all SMs of the stream.
std::vector<int> sm_ids(cudaStream_t stream, int ctas);

}  // namespace mlawave::cuda
