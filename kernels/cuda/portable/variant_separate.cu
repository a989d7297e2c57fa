#include "kernels/cuda/portable/select.cuh"

namespace mlawave::cuda::portable {
template <>
DecodeFunction variant<VSource::separate>(api::Dtype dtype, int slots) {
  return select<VSource::separate>(dtype, slots);
}
}  // namespace mlawave::cuda::portable
