// Sizes of this machine that decide how a CPU run is laid out.
#pragma once

#include <cstdint>

namespace mlawave::measure {

// Last-level cache within reach of the CPUs this process may run on, all instances together.
std::int64_t last_level_cache_bytes();

std::int64_t total_memory_bytes();

// What can still be had: the kernel's estimate, or less where a control group says so.
std::int64_t available_memory_bytes();

}  // namespace mlawave::measure
