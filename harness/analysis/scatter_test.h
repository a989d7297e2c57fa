// Noise for tests: the same in every run.
#pragma once

#include <cstdint>

namespace mlawave::analysis {

// Between -1 and 1, without a period (a multiplicative hash, Knuth).
inline double scatter(std::int64_t row) {
  const auto hash = static_cast<std::uint32_t>(row * 2654435761u) * 2246822519u;
  return static_cast<double>((hash ^ (hash >> 15)) * 3266489917u) / 2147483648.0 - 1;
}

}  // namespace mlawave::analysis
