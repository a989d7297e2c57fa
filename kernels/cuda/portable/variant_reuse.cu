#include "kernels/cuda/portable/select.cuh"

namespace mlawave::cuda::portable {
template <>
DecodeFunction variant<VSource::reuse>(api::Dtype dtype, int slots, bool paged) {
  return select<VSource::reuse>(dtype, slots, paged);
}
}  // namespace mlawave::cuda::portable
