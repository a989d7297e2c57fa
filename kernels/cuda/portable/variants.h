// The compiled variants of one V source; each lives in a file of its own, so that they build apart.
#pragma once

#include "kernels/api/problem.h"
#include "kernels/cuda/portable/config.h"
#include "kernels/cuda/tile/decode_args.h"

namespace mlawave::cuda::portable {

using DecodeFunction = void (*)(DecodeArgs);

template <VSource V>
DecodeFunction variant(api::Dtype dtype, bool paged);

template <>
DecodeFunction variant<VSource::reload>(api::Dtype, bool);
template <>
DecodeFunction variant<VSource::separate>(api::Dtype, bool);
template <>
DecodeFunction variant<VSource::reuse>(api::Dtype, bool);

}  // namespace mlawave::cuda::portable
