#include "kernels/cuda/portable/select.cuh"

namespace mlawave::cuda::portable {
template <>
DecodeFunction variant<VSource::reload>(api::Dtype dtype, int slots) {
  return select<VSource::reload>(dtype, slots);
}
}  // namespace mlawave::cuda::portable
