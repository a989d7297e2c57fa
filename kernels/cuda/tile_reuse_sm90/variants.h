#pragma once

#include <cuda.h>

#include "kernels/api/problem.h"
#include "kernels/cuda/tile/decode_args.h"

namespace mlawave::cuda::tile_reuse_sm90 {

struct Maps {
  CUtensorMap kv;  // boxes of 64 rows, or of a page's
  CUtensorMap q;
};

// Arguments: the work, tensor maps, CTAs of a slot.
using DecodeFunction = void (*)(DecodeArgs, Maps, int group);

template <bool Reuse>
DecodeFunction variant(api::Dtype, int group, bool paged);  // group: 1, 2 or 4 CTAs a slot

template <>
DecodeFunction variant<true>(api::Dtype, int, bool);
template <>
DecodeFunction variant<false>(api::Dtype, int, bool);

}  // namespace mlawave::cuda::tile_reuse_sm90
