#include "kernels/cuda/portable/select.cuh"

namespace mlawave::cuda::portable {
template <>
DecodeFunction variant<VSource::reuse>(api::Dtype dtype, bool paged) {
  return select<VSource::reuse>(dtype, paged);
}
}  // namespace mlawave::cuda::portable
