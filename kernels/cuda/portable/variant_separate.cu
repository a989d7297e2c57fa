#include "kernels/cuda/portable/select.cuh"

namespace mlawave::cuda::portable {
template <>
DecodeFunction variant<VSource::separate>(api::Dtype dtype, int slots, bool paged) {
  return select<VSource::separate>(dtype, slots, paged);
}
}  // namespace mlawave::cuda::portable
