#include "kernels/cuda/portable/select.cuh"

namespace mlawave::cuda::portable {
template <>
DecodeFunction variant<VSource::separate>(api::Dtype dtype, bool paged) {
  return select<VSource::separate>(dtype, paged);
}
}  // namespace mlawave::cuda::portable
