// What the device reaches at best, measured: the fractions in every table refer to these.
#pragma once

#include <cuda_runtime_api.h>

#include "harness/record/run_info.h"

namespace mlawave::measure {

// Medians, on the whole device: reads of 2 GiB (or what fits), and matrix products under load of
// a tenth of a second, so that the clock is the one that the power limit allows.
record::Ceilings measure_ceilings(int sms, cudaStream_t);

}  // namespace mlawave::measure
