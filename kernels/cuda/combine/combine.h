// Adds up the partial results of head tiles that were cut between slots.
//   m = max m_k,  w_k = 2^(m_k - m),  O = Σ w_k O_k / Σ w_k l_k,  lse = ln 2 · (m + log2 Σ w_k l_k)
#pragma once

#include <cuda_runtime.h>

#include "kernels/cuda/tile/decode_args.h"

namespace mlawave::cuda {

// One launch on `stream` for the cut tiles in args.tables, of which there are at most
// `most_cut_tiles`; nothing to do when that is 0. `max_parts` is the largest number of parts of a
// tile, `sms` how many SMs the stream has. `dependent_launch` (sm_90 and later): its start overlaps
// the end of the kernel before it.
void launch_combine(const DecodeArgs& args, api::Dtype dtype, int rows_per_tile, int max_parts,
                    int most_cut_tiles, int sms, bool dependent_launch, cudaStream_t stream);

}  // namespace mlawave::cuda
