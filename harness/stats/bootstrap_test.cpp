#include "harness/stats/bootstrap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "harness/stats/quantiles.h"

namespace mlawave::stats {
namespace {

using Samples = std::vector<double>;

void expect_interval(const Interval& i, double lo, double hi) {
  EXPECT_NEAR(i.lo, lo, 1e-12);
  EXPECT_NEAR(i.hi, hi, 1e-12);
}

TEST(MedianInterval, SmallCountsByHand) {
  expect_interval(median_interval(Samples{5}), 5, 5);
  // Two samples: 1 with probability 1/4, 1.5 with 1/2, 2 with 1/4.
  expect_interval(median_interval(Samples{2, 1}), 1, 2);
  expect_interval(median_interval(Samples{2, 1}, 0.4), 1.5, 1.5);
  // Three samples: P(median <= x_1) = P(Binomial(3, 1/3) >= 2) = 7/27 = 0.259.
  expect_interval(median_interval(Samples{30, 10, 20}), 10, 30);
  expect_interval(median_interval(Samples{30, 10, 20}, 0.4), 20, 20);
}

TEST(MedianInterval, OfEqualSamplesIsAPoint) {
  for (int n : {1, 2, 9, 10, 60, 1500})
    expect_interval(median_interval(Samples(n, 3.25)), 3.25, 3.25);
}

// n = 9: P(Binomial(9, k/9) >= 5) is 0.001, 0.028, … 0.972, 0.999 for k = 1, 2, … 7, 8.
TEST(MedianInterval, NineSamplesRunFromTheSecondToTheEighth) {
  expect_interval(median_interval(Samples{9, 8, 7, 6, 5, 4, 3, 2, 1}), 2, 8);
}

// The same as drawing the resamples, which is what it stands for.
class AgainstResampling : public testing::TestWithParam<int> {};

TEST_P(AgainstResampling, Agrees) {
  std::mt19937_64 random(408);
  std::normal_distribution<double> normal;
  Samples x(GetParam());
  for (double& v : x) v = normal(random);
  constexpr int kResamples = 40000;
  Samples medians, resample(x.size());
  std::uniform_int_distribution<std::size_t> pick(0, x.size() - 1);
  for (int i = 0; i < kResamples; ++i) {
    for (double& v : resample) v = x[pick(random)];
    medians.push_back(median(resample));
  }
  const Interval interval = median_interval(x);
  const auto share_below = [&](double t) {
    return std::count_if(medians.begin(), medians.end(), [&](double m) { return m < t - 1e-9; }) /
           double(kResamples);
  };
  const auto share_up_to = [&](double t) { return share_below(t + 2e-9); };
  const double error = 0.004;  // five standard deviations of a share of 2.5 % among 40,000
  EXPECT_LE(share_below(interval.lo), 0.025 + error);
  EXPECT_GE(share_up_to(interval.lo), 0.025 - error);
  EXPECT_LE(share_below(interval.hi), 0.975 + error);
  EXPECT_GE(share_up_to(interval.hi), 0.975 - error);
}

INSTANTIATE_TEST_SUITE_P(Counts, AgainstResampling, testing::Values(4, 5, 9, 10, 24, 60));

TEST(MedianInterval, LongSeriesGoOverSmoothly) {
  Samples at_limit, above;
  for (int i = 0; i < 1000; ++i) at_limit.push_back(i);
  for (int i = 0; i < 1001; ++i) above.push_back(i);
  EXPECT_NEAR(median_interval(at_limit).lo, median_interval(above).lo, 3);
  EXPECT_NEAR(median_interval(at_limit).hi, median_interval(above).hi, 3);
}

}  // namespace
}  // namespace mlawave::stats
