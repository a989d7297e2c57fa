#pragma once

#include <cuda.h>

#include "kernels/api/problem.h"
#include "kernels/cuda/tile/decode_args.h"

namespace mlawave::cuda::tile_reuse_sm90_q {

struct Maps {
  CUtensorMap kv, q;              // boxes of two blocks
  CUtensorMap kv_block, q_block;  // of one
};

// Arguments: the work, tensor maps, CTAs of a slot.
using DecodeFunction = void (*)(DecodeArgs, Maps, int group);

DecodeFunction variant(api::Dtype, int group, bool paged);  // group: 1, 2 or 4 CTAs a slot

}  // namespace mlawave::cuda::tile_reuse_sm90_q
