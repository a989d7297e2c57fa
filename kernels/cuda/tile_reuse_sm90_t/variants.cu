#include "kernels/cuda/tile_reuse_sm90_t/kernel.cuh"
#include "kernels/cuda/tile_reuse_sm90_t/variants.h"

namespace mlawave::cuda::tile_reuse_sm90_t {

DecodeFunction variant(api::Dtype dtype, int rows) {
  const bool f16 = dtype == api::Dtype::f16;
  if (rows == 16) return f16 ? decode<api::Dtype::f16, 16> : decode<api::Dtype::bf16, 16>;
  return f16 ? decode<api::Dtype::f16, 32> : decode<api::Dtype::bf16, 32>;
}

}  // namespace mlawave::cuda::tile_reuse_sm90_t
