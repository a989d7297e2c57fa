#pragma once

#include <cuda.h>

#include "kernels/api/problem.h"
#include "kernels/cuda/tile/decode_args.h"

namespace mlawave::cuda::tile_reuse_sm90 {

// Arguments: the work, tensor maps of the cache and of Q, the slots' segments, CTAs of a slot.
using DecodeFunction = void (*)(DecodeArgs, CUtensorMap kv, CUtensorMap q, int group);

template <bool Reuse>
DecodeFunction variant(api::Dtype dtype, int group);  // 1, 2 or 4 CTAs a slot

template <>
DecodeFunction variant<true>(api::Dtype, int);
template <>
DecodeFunction variant<false>(api::Dtype, int);

}  // namespace mlawave::cuda::tile_reuse_sm90
