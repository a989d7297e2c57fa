#pragma once

#include "kernels/cuda/portable/kernel.cuh"
#include "kernels/cuda/portable/variants.h"

namespace mlawave::cuda::portable {

template <VSource V, int Slots, bool Paged>
DecodeFunction select(api::Dtype dtype) {
  return dtype == api::Dtype::f16 ? decode<api::Dtype::f16, V, Slots, Paged>
                                  : decode<api::Dtype::bf16, V, Slots, Paged>;
}

template <VSource V, bool Paged>
DecodeFunction select(api::Dtype dtype, int slots) {
  switch (slots) {
    case 2:
      return select<V, 2, Paged>(dtype);
    case 3:
      return select<V, 3, Paged>(dtype);
    default:
      return select<V, 5, Paged>(dtype);
  }
}

template <VSource V>
DecodeFunction select(api::Dtype dtype, int slots, bool paged) {
  return paged ? select<V, true>(dtype, slots) : select<V, false>(dtype, slots);
}

}  // namespace mlawave::cuda::portable
