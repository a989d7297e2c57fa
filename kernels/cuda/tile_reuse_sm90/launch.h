// The Hopper kernels for 64 and more query rows as the rest of the program sees them (sm_90a).
#pragma once

#include "kernels/api/kernel.h"

namespace mlawave::cuda::tile_reuse_sm90 {

const api::Kernel& tile_reuse();  // "tile_reuse_sm90": V read from the K tile in shared memory
const api::Kernel& baseline();    // "baseline_sm90": V loaded again from the same cache

}  // namespace mlawave::cuda::tile_reuse_sm90
