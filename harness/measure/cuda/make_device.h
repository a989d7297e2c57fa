// The way in: the rest of the room needs CUDA's headers, this does not.
#pragma once

#include <memory>

#include "harness/measure/device.h"

namespace mlawave::measure {

// Throws cuda::NoDevice; cuda::why_no_device() (kernels/cuda/base/device.h) tells without trying.
std::unique_ptr<Device> make_cuda_device(int index = 0);

}  // namespace mlawave::measure
