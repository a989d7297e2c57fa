// A kernel of known length, for tests of the clockwork.
#pragma once

#include <cuda_runtime_api.h>

namespace mlawave::measure {

// One thread that lasts `cycles` SM clocks.
void spin(long long cycles, cudaStream_t);

// CTAs that note the SM they run on: seen[%smid] = 1.
void note_sms(int* seen, int ctas, cudaStream_t);

// A kernel that stops with a trap: a sticky error.
void trap(cudaStream_t);

}  // namespace mlawave::measure
