#include "kernels/cuda/tile_reuse_sm90_q/kernel.cuh"
#include "kernels/cuda/tile_reuse_sm90_q/variants.h"

namespace mlawave::cuda::tile_reuse_sm90_q {
namespace {

template <api::Dtype D, int Cluster>
DecodeFunction select(bool paged) {
  return paged ? decode<D, Cluster, true> : decode<D, Cluster, false>;
}

template <api::Dtype D>
DecodeFunction select(int group, bool paged) {
  return group == 1 ? select<D, 1>(paged) : select<D, 2>(paged);
}

}  // namespace

DecodeFunction variant(api::Dtype dtype, int group, bool paged) {
  return dtype == api::Dtype::f16 ? select<api::Dtype::f16>(group, paged)
                                  : select<api::Dtype::bf16>(group, paged);
}

}  // namespace mlawave::cuda::tile_reuse_sm90_q
