#include "kernels/api/cache_rows.h"

#include <gtest/gtest.h>

#include <vector>

namespace mlawave::api {
namespace {

TEST(CacheRows, ContiguousRequestsBeginAtTheirFirstRow) {
  const MlaProblem p = make_problem({100, 70}, 16, 1, Dtype::f16, Layout::rope_nope);
  const CacheRows rows = cache_rows(p, {}, 1);
  EXPECT_EQ(rows[0], 192);
  EXPECT_EQ(rows[69], 192 + 69);
  EXPECT_EQ(rows.neighbours(5, 64), 64);
}

TEST(CacheRows, PagesComeFromTheRequestsRowOfTheTable) {
  const MlaProblem p = make_problem({9, 3}, 16, 1, Dtype::f16, Layout::rope_nope, kDefaultScale, 4);
  ASSERT_EQ(p.max_pages(), 4);
  const std::vector<std::int32_t> table{2, 0, 5, -1, /**/ 3, -1, -1, -1};
  MlaTensors t;
  t.block_table = table.data();
  const CacheRows first = cache_rows(p, t, 0), second = cache_rows(p, t, 1);
  EXPECT_EQ(first[0], 8);
  EXPECT_EQ(first[3], 11);
  EXPECT_EQ(first[4], 0);
  EXPECT_EQ(first[8], 20);
  EXPECT_EQ(second[2], 14);
  EXPECT_EQ(first.neighbours(0, 32), 4);
  EXPECT_EQ(first.neighbours(6, 32), 2);
  EXPECT_EQ(first.neighbours(6, 1), 1);
}

// A page number times 1024 rows does not fit 32 bits.
TEST(CacheRows, HugePageNumbersDoNotWrap) {
  const MlaProblem p = make_problem({1}, 16, 1, Dtype::f16, Layout::rope_nope, kDefaultScale, 1024);
  const std::vector<std::int32_t> table{2147483647, 0};
  MlaTensors t;
  t.block_table = table.data();
  EXPECT_EQ(cache_rows(p, t, 0)[0], 2147483647LL * 1024);
}

}  // namespace
}  // namespace mlawave::api
