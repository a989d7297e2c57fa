#pragma once

#include "kernels/cuda/portable/kernel.cuh"
#include "kernels/cuda/portable/variants.h"

namespace mlawave::cuda::portable {

template <VSource V, int Slots>
DecodeFunction select(api::Dtype dtype) {
  return dtype == api::Dtype::f16 ? decode<api::Dtype::f16, V, Slots>
                                  : decode<api::Dtype::bf16, V, Slots>;
}

template <VSource V>
DecodeFunction select(api::Dtype dtype, int slots) {
  switch (slots) {
    case 2:
      return select<V, 2>(dtype);
    case 3:
      return select<V, 3>(dtype);
    default:
      return select<V, 5>(dtype);
  }
}

}  // namespace mlawave::cuda::portable
