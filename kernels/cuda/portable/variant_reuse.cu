#include "kernels/cuda/portable/select.cuh"

namespace mlawave::cuda::portable {
template <>
DecodeFunction variant<VSource::reuse>(api::Dtype dtype, int slots) {
  return select<VSource::reuse>(dtype, slots);
}
}  // namespace mlawave::cuda::portable
