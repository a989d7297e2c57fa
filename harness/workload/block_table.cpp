#include "harness/workload/block_table.h"

#include <numeric>
#include <utility>

#include "harness/workload/fill.h"

namespace mlawave::workload {

std::vector<std::int32_t> block_table(const api::MlaProblem& p, std::uint64_t seed) {
  if (p.page_size == 0) return {};
  std::vector<std::int32_t> pages(static_cast<std::size_t>(p.pages()));
  std::iota(pages.begin(), pages.end(), 0);
  // Fisher and Yates. The remainder's bias, 2^31 in 2^64, is of no matter here.
  const std::uint64_t stream = mix(seed ^ 0x70616765u);
  for (std::size_t i = pages.size(); i > 1; --i)
    std::swap(pages[i - 1], pages[mix(stream + 0x9e3779b97f4a7c15u * i) % i]);

  const std::int64_t width = p.max_pages();
  std::vector<std::int32_t> table(static_cast<std::size_t>(p.batch() * width), kNoPage);
  auto next = pages.begin();
  for (int r = 0; r < p.batch(); ++r)
    for (std::int64_t i = 0; i < schedule::ceil_div(p.n_kv[r], p.page_size); ++i)
      table[static_cast<std::size_t>(r * width + i)] = *next++;
  return table;
}

}  // namespace mlawave::workload
