// The transposed Hopper kernel for few query rows, as the rest of the program sees it.
#pragma once

#include "kernels/api/kernel.h"

namespace mlawave::cuda::tile_reuse_sm90_t {

const api::Kernel& kernel();

}  // namespace mlawave::cuda::tile_reuse_sm90_t
