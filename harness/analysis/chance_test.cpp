#include "harness/analysis/chance.h"

#include <gtest/gtest.h>

#include <cmath>

namespace mlawave::analysis {
namespace {

TEST(Chance, TheStatisticCutsSingleEvents) {
  const std::vector<double> scores{100, 1, -50, 2};
  const std::vector<std::size_t> one{0}, all{0, 1, 2, 3};
  EXPECT_DOUBLE_EQ(statistic(scores, one), 6);
  EXPECT_DOUBLE_EQ(statistic(scores, all), (6 + 1 - 3 + 2) / 2.0);
}

TEST(Chance, FourStepsOfSixtyAreNoChance) {
  std::vector<double> scores(60, 0.1);
  const Placement steps{{10, 24, 38, 52}}, half{{3, 10, 17, 24, 31, 38, 45, 52}},
      off{{9, 23, 37, 51}};
  for (std::size_t g : steps.gaps) scores[g] = 10;
  const std::vector<std::vector<double>> windows{scores};
  const std::vector<Placement> family{steps, half, off};
  const auto c = test_placements(windows, family, 1999, 1);
  EXPECT_LT(c[0].p_value, 0.002);
  EXPECT_GT(c[0].statistic, c[1].statistic);
  EXPECT_GT(c[2].p_value, 0.5);
}

TEST(Chance, TheSearchCostsSomething) {
  std::vector<double> scores(60, 0.0);
  scores[30] = 10;
  const std::vector<std::vector<double>> windows{scores};
  std::vector<Placement> family{{{30}}};
  EXPECT_NEAR(test_placements(windows, family, 4999, 1)[0].p_value, 1.0 / 60, 0.01);
  for (std::size_t g = 0; g < 30; ++g) family.push_back({{g}});
  EXPECT_GT(test_placements(windows, family, 4999, 1)[0].p_value, 0.4);
}

TEST(Chance, SameSeedSameValue) {
  const std::vector<std::vector<double>> windows{{0, 1, 2, 3, 4, 5, 6, 7}};
  const std::vector<Placement> family{{{2, 5}}};
  EXPECT_EQ(test_placements(windows, family, 99, 7)[0].p_value,
            test_placements(windows, family, 99, 7)[0].p_value);
}

}  // namespace
}  // namespace mlawave::analysis
