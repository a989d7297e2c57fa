// The portable kernels as the rest of the program sees them (sm_80 and later).
#pragma once

#include "kernels/api/kernel.h"

namespace mlawave::cuda::portable {

const api::Kernel& baseline();             // V loaded again from the K cache
const api::Kernel& baseline_separate_v();  // V loaded from a cache of its own
const api::Kernel& tile_reuse();           // V read from the K tile in shared memory

}  // namespace mlawave::cuda::portable
