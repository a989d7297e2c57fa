#pragma once

#include "kernels/cuda/tile_reuse_sm90/kernel.cuh"
#include "kernels/cuda/tile_reuse_sm90/variants.h"

namespace mlawave::cuda::tile_reuse_sm90 {

template <api::Dtype D, bool Reuse>
DecodeFunction select(int group) {
  return group == 1 ? decode<D, Reuse, 1> : decode<D, Reuse, 2>;
}

template <bool Reuse>
DecodeFunction select(api::Dtype dtype, int group) {
  return dtype == api::Dtype::f16 ? select<api::Dtype::f16, Reuse>(group)
                                  : select<api::Dtype::bf16, Reuse>(group);
}

}  // namespace mlawave::cuda::tile_reuse_sm90
