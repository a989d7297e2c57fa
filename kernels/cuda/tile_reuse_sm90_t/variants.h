#pragma once

#include <cuda.h>

#include "kernels/api/problem.h"
#include "kernels/cuda/tile/decode_args.h"

namespace mlawave::cuda::tile_reuse_sm90_t {

using DecodeFunction = void (*)(DecodeArgs, CUtensorMap, CUtensorMap);
DecodeFunction variant(api::Dtype dtype,
                       int rows);  // rows 16 or 32; null when built without sm_90a

}  // namespace mlawave::cuda::tile_reuse_sm90_t
