#include "harness/stats/quantiles.h"

#include <gtest/gtest.h>

#include <vector>

namespace mlawave::stats {
namespace {

using Samples = std::vector<double>;

TEST(Median, OfOddAndEvenCounts) {
  EXPECT_EQ(median(Samples{7}), 7);
  EXPECT_EQ(median(Samples{3, 1, 2}), 2);
  EXPECT_EQ(median(Samples{4, 1, 3, 2}), 2.5);
  EXPECT_EQ(median(Samples{10, 10, 1, 1}), 5.5);
  EXPECT_EQ(median(Samples{5, 5, 5, 5, 100}), 5);
}

TEST(Mad, IsTheMedianDistanceFromTheMedian) {
  EXPECT_EQ(mad(Samples{1}), 0);
  EXPECT_EQ(mad(Samples{1, 1, 2, 2, 4, 6, 9}), 1);  // distances 1 1 0 0 2 4 7
  EXPECT_EQ(mad(Samples{1, 2, 3, 100}), 1);         // median 2.5: distances 1.5 0.5 0.5 97.5
}

TEST(Quantile, InterpolatesBetweenNeighbours) {
  const Samples x{40, 10, 30, 20};
  EXPECT_EQ(quantile(x, 0), 10);
  EXPECT_EQ(quantile(x, 1), 40);
  EXPECT_EQ(quantile(x, 0.5), 25);
  EXPECT_NEAR(quantile(x, 0.25), 17.5, 1e-12);
  EXPECT_EQ(quantile(Samples{3}, 0.7), 3);
}

}  // namespace
}  // namespace mlawave::stats
