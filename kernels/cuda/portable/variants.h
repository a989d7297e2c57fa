// The compiled variants of one V source; each lives in a file of its own, so that they build apart.
#pragma once

#include "kernels/api/problem.h"
#include "kernels/cuda/portable/config.h"
#include "kernels/cuda/tile/decode_args.h"

namespace mlawave::cuda::portable {

using DecodeFunction = void (*)(DecodeArgs);

template <VSource V>
DecodeFunction variant(api::Dtype dtype, int slots, bool paged);  // slots 2, 3 or 5

template <>
DecodeFunction variant<VSource::reload>(api::Dtype, int, bool);
template <>
DecodeFunction variant<VSource::separate>(api::Dtype, int, bool);
template <>
DecodeFunction variant<VSource::reuse>(api::Dtype, int, bool);

}  // namespace mlawave::cuda::portable
