// Where a paged workload's requests lie: pages in a random order, as after long serving.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "kernels/api/problem.h"

namespace mlawave::workload {

// In entries that no token needs: reading such a page shows, by a fault or by NaN.
inline constexpr std::int32_t kNoPage = std::numeric_limits<std::int32_t>::max();

// [batch, max_pages]: of the problem's pages() each at most once, in the order of the seed, the
// same on every machine. Empty for a contiguous cache. Problem
// within api::check_limits.
std::vector<std::int32_t> block_table(const api::MlaProblem&, std::uint64_t seed);

}  // namespace mlawave::workload
