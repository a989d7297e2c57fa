#include "kernels/cuda/tile_reuse_sm90/select.cuh"

namespace mlawave::cuda::tile_reuse_sm90 {

template <>
DecodeFunction variant<true>(api::Dtype dtype, int group, bool paged) {
  return select<true>(dtype, group, paged);
}

}  // namespace mlawave::cuda::tile_reuse_sm90
