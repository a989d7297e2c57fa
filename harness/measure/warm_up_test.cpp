#include "harness/measure/warm_up.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace mlawave::measure {
namespace {

// A sample takes 10 ms; the n-th has the n-th clock, and the last clock stays.
class ScriptedTimer : public Timer {
 public:
  ScriptedTimer(double& now, std::vector<int> clocks) : now_(now), clocks_(std::move(clocks)) {}
  record::Sample sample() override {
    now_ += 0.01;
    return {1.0, clocks_[std::min(next_++, clocks_.size() - 1)], false};
  }

 private:
  double& now_;
  std::vector<int> clocks_;
  std::size_t next_ = 0;
};

class WarmUpTest : public testing::Test {
 protected:
  int run(std::vector<int> clocks) {
    ScriptedTimer timer(now_, std::move(clocks));
    return warm_up_.run(timer);
  }

  double now_ = 100;
  WarmUp warm_up_{{.tolerance = 0.01,
                   .first_seconds = 0.095,
                   .first_max_seconds = 1,
                   .later_seconds = 0.035,
                   .later_max_seconds = 0.195},
                  [this] { return now_; }};
};

TEST_F(WarmUpTest, WaitsUntilTheClockStays) {
  // Plateaus of three readings on the way up; the last change is at the seventh sample.
  EXPECT_EQ(run({1680, 1680, 1680, 1800, 1800, 1800, 1980}), 7 + 10);
}

TEST_F(WarmUpTest, IsShortWhereTheClockIsWhereItWas) {
  run({1980});
  EXPECT_EQ(run({1985}), 1);
  EXPECT_EQ(run({1400}), 1 + 4);
  EXPECT_EQ(run({1400}), 1);
}

TEST_F(WarmUpTest, SlowDriftIsMovement) {
  // Each reading is near the one before, but not near the one that the window began with.
  EXPECT_EQ(run({1900, 1912, 1924, 1936, 1948}), 5 + 10);
}

TEST_F(WarmUpTest, TakesASilentClockAsSteady) { EXPECT_EQ(run({0}), 1); }

TEST_F(WarmUpTest, GivesUpAtTheCap) {
  std::vector<int> jumping;
  for (int i = 0; i < 500; ++i) jumping.push_back(i % 2 ? 1980 : 1000);
  EXPECT_NEAR(run(jumping), 100, 1);
  EXPECT_NEAR(run(jumping), 20, 1);
}

}  // namespace
}  // namespace mlawave::measure
