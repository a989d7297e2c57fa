// A loop over all CPUs this process may use, for what is not timed.
#pragma once

#include <cstdint>
#include <functional>

namespace mlawave::measure {

// Calls body(begin, end) for contiguous parts of 0..count, each on a thread of its own; returns
// when all are done. body must not throw.
void parallel_for(std::int64_t count, const std::function<void(std::int64_t, std::int64_t)>& body);

}  // namespace mlawave::measure
