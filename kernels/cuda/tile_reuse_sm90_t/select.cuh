#pragma once

#include "kernels/cuda/tile_reuse_sm90_t/kernel.cuh"
#include "kernels/cuda/tile_reuse_sm90_t/variants.h"

namespace mlawave::cuda::tile_reuse_sm90_t {

template <VSource V, int Rows, int Ctas>
Variant make(api::Dtype dtype) {
  return {dtype == api::Dtype::f16 ? decode<api::Dtype::f16, Rows, Ctas, V>
                                   : decode<api::Dtype::bf16, Rows, Ctas, V>,
          Rows,
          Ctas,
          Shape<Rows>::kThreads,
          Shape<Rows>::kAllocated,
          Shape<Rows>::kPartials};
}

template <VSource V>
Variant select(api::Dtype dtype, int rows_per_tile) {
  switch (rows_per_tile) {
    case 16:
      return make<V, 16, 1>(dtype);
    case 32:
      return make<V, 32, 1>(dtype);
    case 64:
      return make<V, 64, 1>(dtype);
    default:
      return make<V, 64, 2>(dtype);
  }
}

}  // namespace mlawave::cuda::tile_reuse_sm90_t
