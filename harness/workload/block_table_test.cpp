#include "harness/workload/block_table.h"

#include <gtest/gtest.h>

#include <set>

namespace mlawave::workload {
namespace {

api::MlaProblem paged(std::vector<std::int64_t> n_kv, int page_size) {
  return api::make_problem(std::move(n_kv), 16, 1, api::Dtype::f16, api::Layout::rope_nope,
                           api::kDefaultScale, page_size);
}

TEST(BlockTable, EveryTokenHasAPageOfItsOwnAndTheRestNone) {
  for (int page : {1, 2, 64, 1024}) {
    const api::MlaProblem p = paged({1, 0, 130, 64}, page);
    const auto table = block_table(p, 408);
    ASSERT_EQ(static_cast<std::int64_t>(table.size()), 4 * p.max_pages());
    std::set<std::int32_t> seen;
    for (int r = 0; r < 4; ++r)
      for (std::int64_t i = 0; i < p.max_pages(); ++i) {
        const std::int32_t entry = table[r * p.max_pages() + i];
        if (i * page >= p.n_kv[r]) {
          EXPECT_EQ(entry, kNoPage);
          continue;
        }
        EXPECT_GE(entry, 0);
        EXPECT_LT(entry, p.pages());
        EXPECT_TRUE(seen.insert(entry).second) << "page " << entry << " twice";
      }
  }
}

TEST(BlockTable, IsShuffledByTheSeed) {
  const api::MlaProblem p = paged({6400}, 64);
  const auto table = block_table(p, 1);
  EXPECT_EQ(table, block_table(p, 1));
  EXPECT_NE(table, block_table(p, 2));
  int followers = 0;
  for (std::size_t i = 1; i < 100; ++i) followers += table[i] == table[i - 1] + 1;
  EXPECT_LT(followers, 10);
}

TEST(BlockTable, IsEmptyForAContiguousCache) {
  EXPECT_TRUE(block_table(paged({100}, 0), 1).empty());
}

}  // namespace
}  // namespace mlawave::workload
