// For tests of kernels: pages in a random order, and no page where no token needs one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "kernels/api/problem.h"

namespace mlawave::api {

// [batch, max_pages]; empty for a contiguous cache.
inline std::vector<std::int32_t> shuffled_pages(const MlaProblem& p, std::mt19937& random) {
  std::vector<std::int32_t> pages(p.pages());
  std::iota(pages.begin(), pages.end(), 0);
  std::shuffle(pages.begin(), pages.end(), random);
  std::vector<std::int32_t> table(p.batch() * p.max_pages(),
                                  std::numeric_limits<std::int32_t>::max());
  auto next = pages.begin();
  for (int r = 0; p.page_size > 0 && r < p.batch(); ++r)
    for (std::int64_t i = 0; i * p.page_size < p.n_kv[r]; ++i)
      table[r * p.max_pages() + i] = *next++;
  return table;
}

}  // namespace mlawave::api
