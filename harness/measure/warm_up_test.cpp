#include "harness/measure/warm_up.h"

#include <gtest/gtest.h>

#include <vector>

namespace mlawave::measure {
namespace {

class ScriptedTimer : public Timer {
 public:
  explicit ScriptedTimer(std::vector<int> clocks) : clocks_(std::move(clocks)) {}
  record::Sample sample() override {
    const int mhz = clocks_[std::min(next_, clocks_.size() - 1)];
    ++next_;
    return {1.0, mhz, false};
  }

 private:
  std::vector<int> clocks_;
  std::size_t next_ = 0;
};

TEST(WarmUp, WaitsForThreeEqualReadings) {
  WarmUp warm_up;
  ScriptedTimer rising({345, 1200, 1980, 1975, 1980});
  EXPECT_EQ(warm_up.run(rising), 5);
}

TEST(WarmUp, IsShortWhereTheClockStayedWhereItWas) {
  WarmUp warm_up;
  ScriptedTimer first({1980}), same({1980}), slower({1400});
  EXPECT_EQ(warm_up.run(first), 3);
  EXPECT_EQ(warm_up.run(same), 1);
  EXPECT_EQ(warm_up.run(slower), 3);
}

TEST(WarmUp, TakesASilentClockAsSteady) {
  WarmUp warm_up;
  ScriptedTimer silent({0});
  EXPECT_EQ(warm_up.run(silent), 1);
}

TEST(WarmUp, GivesUpAtTheCap) {
  WarmUp warm_up(WarmUpRule{.max_samples = 10});
  std::vector<int> jumping;
  for (int i = 0; i < 50; ++i) jumping.push_back(i % 2 ? 1980 : 1000);
  ScriptedTimer timer(jumping);
  EXPECT_EQ(warm_up.run(timer), 10);
}

}  // namespace
}  // namespace mlawave::measure
