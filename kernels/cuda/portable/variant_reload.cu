#include "kernels/cuda/portable/select.cuh"

namespace mlawave::cuda::portable {
template <>
DecodeFunction variant<VSource::reload>(api::Dtype dtype, bool paged) {
  return select<VSource::reload>(dtype, paged);
}
}  // namespace mlawave::cuda::portable
