// The transposed Hopper kernels as the rest of the program sees them (sm_90 alone).
#pragma once

#include "kernels/api/kernel.h"

namespace mlawave::cuda::tile_reuse_sm90_t {

const api::Kernel& baseline();    // baseline_sm90_t: V loaded again from the K cache
const api::Kernel& tile_reuse();  // tile_reuse_sm90_t: V read from the K tile in shared memory

}  // namespace mlawave::cuda::tile_reuse_sm90_t
