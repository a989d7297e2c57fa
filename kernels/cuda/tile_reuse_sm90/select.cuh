#pragma once

#include "kernels/cuda/tile_reuse_sm90/kernel.cuh"
#include "kernels/cuda/tile_reuse_sm90/variants.h"

namespace mlawave::cuda::tile_reuse_sm90 {

template <api::Dtype D, bool Reuse, int Cluster>
DecodeFunction select(bool paged) {
  return paged ? decode<D, Reuse, Cluster, true> : decode<D, Reuse, Cluster, false>;
}

template <api::Dtype D, bool Reuse>
DecodeFunction select(int group, bool paged) {
  return group == 1 ? select<D, Reuse, 1>(paged) : select<D, Reuse, 2>(paged);
}

template <bool Reuse>
DecodeFunction select(api::Dtype dtype, int group, bool paged) {
  return dtype == api::Dtype::f16 ? select<api::Dtype::f16, Reuse>(group, paged)
                                  : select<api::Dtype::bf16, Reuse>(group, paged);
}

}  // namespace mlawave::cuda::tile_reuse_sm90
