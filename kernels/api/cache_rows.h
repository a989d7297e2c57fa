// Where the tokens of a request lie in the cache: one rule for contiguous and paged caches, on host
// and device.
#pragma once

#include <cstdint>

#include "kernels/api/kernel.h"
#include "kernels/schedule/schedule.h"  // MLAWAVE_HD

namespace mlawave::api {

struct CacheRows {
  std::int64_t begin = 0;               // contiguous: cache row of token 0
  const std::int32_t* pages = nullptr;  // paged: the request's row of the block table; else null
  int page_shift = 0;                   // log2 of page_size

  // Cache row of a token, 0 <= token < n_kv.
  MLAWAVE_HD constexpr std::int64_t operator[](std::int64_t token) const {
    if (!pages) return begin + token;
    const std::int64_t first = static_cast<std::int64_t>(pages[token >> page_shift]) << page_shift;
    return first + (token & ((std::int64_t{1} << page_shift) - 1));
  }

  // How many of `count` tokens from `token` on lie in rows one behind the other; at least 1.
  MLAWAVE_HD constexpr int neighbours(std::int64_t token, int count) const {
    if (!pages) return count;
    const std::int64_t rest =
        (std::int64_t{1} << page_shift) - (token & ((std::int64_t{1} << page_shift) - 1));
    return rest < count ? static_cast<int>(rest) : count;
  }
};

// Host pointers or device pointers: the table is not read here.
CacheRows cache_rows(const MlaProblem&, const MlaTensors&, int request);

}  // namespace mlawave::api
