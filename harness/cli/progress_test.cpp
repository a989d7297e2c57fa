#include "harness/cli/progress.h"

#include <gtest/gtest.h>

#include <sstream>

namespace mlawave::cli {
namespace {

TEST(ClockText, MinutesAndHours) {
  EXPECT_EQ(clock_text(0), "0:00");
  EXPECT_EQ(clock_text(7.9), "0:07");
  EXPECT_EQ(clock_text(754), "12:34");
  EXPECT_EQ(clock_text(3723), "1:02:03");
  EXPECT_EQ(clock_text(-1), "0:00");
}

TEST(Progress, BarIsRedrawnInPlaceAndFitsTheTerminal) {
  std::ostringstream out;
  Progress progress(out, Progress::Style::bar, 4, 0, 60);
  progress.record(10, "n19456", "23.4 us");
  EXPECT_EQ(out.str(), "\r\x1b[K[######..................] 1/4 ETA ? 23.4 us n19456");
  out.str("");
  progress.record(15, "n19712", "25 us");
  EXPECT_EQ(out.str(), "\r\x1b[K[############............] 2/4 ETA 0:10 25 us n19712");
  out.str("");
  progress.record(20, std::string(200, 'x'), "");
  EXPECT_EQ(out.str().size(), 4u + 59u);
  out.str("");
  progress.clear();
  progress.clear();
  EXPECT_EQ(out.str(), "\r\x1b[K");
}

TEST(Progress, LinesAreFewAndPlain) {
  std::ostringstream out;
  Progress progress(out, Progress::Style::lines, 3);
  progress.record(1, "a", "ok");
  progress.record(2, "b", "ok");
  progress.record(3, "c", "skipped: too large");
  EXPECT_EQ(out.str(),
            "1/3 33 % elapsed 0:01 left ? a ok\n"
            "3/3 100 % elapsed 0:03 left 0:00 c skipped: too large\n");
}

TEST(Progress, ResumedCasesCountButNotInTheRate) {
  std::ostringstream out;
  Progress progress(out, Progress::Style::lines, 100, 90);
  progress.record(2, "a", "ok");
  progress.record(8, "b", "ok");
  EXPECT_EQ(out.str(),
            "91/100 91 % elapsed 0:02 left ? a ok\n"
            "92/100 92 % elapsed 0:08 left 0:48 b ok\n");
}

TEST(Progress, NoneSaysNothing) {
  std::ostringstream out;
  Progress progress(out, Progress::Style::none, 1);
  progress.record(1, "a", "ok");
  EXPECT_EQ(out.str(), "");
}

}  // namespace
}  // namespace mlawave::cli
