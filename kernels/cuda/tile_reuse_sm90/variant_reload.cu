#include "kernels/cuda/tile_reuse_sm90/select.cuh"

namespace mlawave::cuda::tile_reuse_sm90 {

template <>
DecodeFunction variant<false>(api::Dtype dtype, int group, bool paged) {
  return select<false>(dtype, group, paged);
}

}  // namespace mlawave::cuda::tile_reuse_sm90
