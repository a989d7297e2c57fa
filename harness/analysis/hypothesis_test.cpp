#include "harness/analysis/hypothesis.h"

#include <gtest/gtest.h>

namespace mlawave::analysis {
namespace {

Curve rows(double first, double step, int count) {
  Curve c;
  for (int i = 0; i < count; ++i) c.n.push_back(first + step * i);
  c.y.assign(c.n.size(), 1.0);
  c.row_step = step;
  return c;
}

TEST(Hypothesis, ExactRowsAreFastOnTheBoundary) {
  const Curve c = rows(256, 256, 260);
  const auto b = boundaries_in(c, {76, 1, 1, 256, 76, 1}, RowRule::exact, 1, 1);
  ASSERT_EQ(b.size(), 3u);
  EXPECT_EQ(b[0].n_kv, 19456);
  EXPECT_EQ(c.n[b[0].gap], 19456);      // last fast row
  EXPECT_EQ(c.n[b[0].gap + 1], 19712);  // first slow row
  EXPECT_EQ(b[2].n_kv, 58368);
}

TEST(Hypothesis, AppendingRowsAreSlowOnTheBoundary) {
  const Curve c = rows(1024, 512, 62);
  const auto b = boundaries_in(c, {84, 2, 6, 256, 84, 1}, RowRule::appending, 128, 1);
  ASSERT_EQ(b.size(), 4u);
  EXPECT_EQ(b[0].n_kv, 7168);
  EXPECT_EQ(c.n[b[0].gap + 1], 7168);
}

TEST(Hypothesis, TilesAndBatchesDivideThePeriod) {
  const Curve c = rows(256, 256, 260);
  EXPECT_EQ(boundaries_in(c, {132, 4, 8, 256, 132, 1}, RowRule::exact, 1, 1)[0].n_kv, 16896);
  EXPECT_EQ(boundaries_in(c, {132, 1, 1, 256, 132, 1}, RowRule::exact, 1, 2)[0].n_kv, 16896);
  // 76 slots over 3 tiles: floor(76/3) = 25 chunks, then floor(152/3) = 50.
  const auto b = boundaries_in(c, {76, 1, 3, 256, 76, 1}, RowRule::exact, 1, 1);
  EXPECT_EQ(b[0].n_kv, 25 * 256);
  EXPECT_EQ(b[1].n_kv, 50 * 256);
  EXPECT_EQ(b[2].n_kv, 76 * 256);
}

TEST(Hypothesis, CoarseRowsShowNothing) {
  EXPECT_TRUE(
      boundaries_in(rows(0, 4096, 16), {76, 1, 8, 256, 76, 1}, RowRule::exact, 1, 1).empty());
}

TEST(Hypothesis, RowsFarApartDoNotLoopForever) {
  Curve c = rows(0, 256, 20);
  c.n.push_back(1e12);
  c.n.push_back(2e12);
  c.n.push_back(3e12);
  c.y.assign(c.n.size(), 1.0);
  EXPECT_FALSE(boundaries_in(c, {1, 2, 1, 256, 1, 1}, RowRule::exact, 1, 1).empty());
}

TEST(Hypothesis, EqualPeriodsAreOneCombination) {
  Scope scope;
  scope.sms = {84};
  scope.ctas_per_sm = {1, 2};
  scope.n_tiles = {3, 6};
  EXPECT_EQ(combinations(scope).size(), 3u);  // 84/3 = 168/6, 84/6, 168/3
  scope.power_of_two_too = true;
  EXPECT_EQ(combinations(scope).size(), 6u);
}

}  // namespace
}  // namespace mlawave::analysis
