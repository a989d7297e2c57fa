// Decode attention on the CPU: one pinned worker thread is one SM, one slot of the schedule.
#pragma once

#include "kernels/api/kernel.h"

namespace mlawave::cpu {

const api::Kernel& baseline();    // V converted again from the cache
const api::Kernel& tile_reuse();  // V read from the K tile that was converted for the scores

}  // namespace mlawave::cpu
