// Reads device memory as fast as it goes: measures the bandwidth, and empties the L2 of all else.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

namespace mlawave::measure {

// One launch that loads every byte once; `bytes` is a multiple of kReadTile.
void read_memory(const void* data, std::int64_t bytes, int sms, cudaStream_t);

inline constexpr std::int64_t kReadTile = 64 << 10;

}  // namespace mlawave::measure
