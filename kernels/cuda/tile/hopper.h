#pragma once

#include "kernels/api/kernel.h"

namespace mlawave::cuda {

// Whether the current device runs code for sm_90a. Throws CudaError where it can't be asked.
api::Support check_hopper();

}  // namespace mlawave::cuda
