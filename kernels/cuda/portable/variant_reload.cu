#include "kernels/cuda/portable/select.cuh"

namespace mlawave::cuda::portable {
template <>
DecodeFunction variant<VSource::reload>(api::Dtype dtype, int slots, bool paged) {
  return select<VSource::reload>(dtype, slots, paged);
}
}  // namespace mlawave::cuda::portable
