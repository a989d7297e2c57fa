#include "harness/stats/stopping.h"

#include <gtest/gtest.h>

#include <vector>

namespace mlawave::stats {
namespace {

using Samples = std::vector<double>;
const StopRule kRule{3, 5, 0.01};

TEST(Decide, TakesTheLeastCountFirst) {
  EXPECT_EQ(decide(Samples{}, kRule), Stop::go_on);
  EXPECT_EQ(decide(Samples{10, 10}, kRule), Stop::go_on);
}

TEST(Decide, StopsWhenTheIntervalIsNarrow) {
  EXPECT_EQ(decide(Samples{10, 10, 10}, kRule), Stop::interval);
  EXPECT_EQ(decide(Samples{10, 10.1, 9.9}, kRule), Stop::interval);  // 9.9..10.1, half width 1 %
  EXPECT_EQ(decide(Samples{10, 10.2, 9.8}, kRule), Stop::go_on);
}

TEST(Decide, GivesUpAtTheCap) {
  EXPECT_EQ(decide(Samples{8, 9, 10, 11, 12}, kRule), Stop::max_samples);
}

}  // namespace
}  // namespace mlawave::stats
