// The Hopper kernel for 64 and more query rows with Q in registers, as the rest of the program sees
// it (sm_90a).
#pragma once

#include "kernels/api/kernel.h"

namespace mlawave::cuda::tile_reuse_sm90_q {

const api::Kernel& tile_reuse();  // "tile_reuse_sm90_q"

}  // namespace mlawave::cuda::tile_reuse_sm90_q
