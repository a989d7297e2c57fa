#include "kernels/cuda/tile_reuse_sm90_t/select.cuh"

namespace mlawave::cuda::tile_reuse_sm90_t {
template <>
Variant variant<VSource::reload>(api::Dtype dtype, int rows_per_tile) {
  return select<VSource::reload>(dtype, rows_per_tile);
}
}  // namespace mlawave::cuda::tile_reuse_sm90_t
