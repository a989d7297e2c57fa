#pragma once

#include "kernels/cuda/portable/kernel.cuh"
#include "kernels/cuda/portable/variants.h"

namespace mlawave::cuda::portable {

template <VSource V, bool Paged>
DecodeFunction select(api::Dtype dtype) {
  return dtype == api::Dtype::f16 ? decode<api::Dtype::f16, V, Paged>
                                  : decode<api::Dtype::bf16, V, Paged>;
}

template <VSource V>
DecodeFunction select(api::Dtype dtype, bool paged) {
  return paged ? select<V, true>(dtype) : select<V, false>(dtype);
}

}  // namespace mlawave::cuda::portable
