#include "harness/cli/report.h"

#include <gtest/gtest.h>

#include <sstream>

namespace mlawave::cli {
namespace {

TEST(Outcome, TimeWithItsIntervalOrTheReason) {
  record::Record r;
  r.status = record::Status::ok;
  r.summary = {23.45, 23.25, 23.65, 0.1, 9};
  EXPECT_EQ(outcome_text(r), "23.45 us +- 0.9 %");
  r.status = record::Status::skipped;
  r.reason = "needs 9 bytes";
  EXPECT_EQ(outcome_text(r), "skipped: needs 9 bytes");
}

TEST(Summary, CountsAndHowToGoOn) {
  run::Result result;
  result.total = 520;
  result.counts.ok = 518;
  result.counts.skipped = 2;
  EXPECT_EQ(summary_text(result, "out/a"), "520 cases: 518 ok, 2 skipped; in out/a");
  result.counts = {.ok = 15, .wrong = 1, .resumed = 5};
  result.stopped_by = "interrupt";
  EXPECT_EQ(
      summary_text(result, "out/a"),
      "520 cases: 15 ok, 1 wrong (5 of them from before); stopped by interrupt, 504 left: the same "
      "command with --resume goes on; in out/a");
}

TEST(Report, FailuresAreSaidAtOnce) {
  std::ostringstream out;
  Report report(out, Progress::Style::none, 80);
  record::Record r;
  r.id = "cuda/x";
  r.status = record::Status::wrong;
  r.reason = "out[2] is NaN";
  run::Counts counts;
  counts.wrong = 1;
  report.record({counts, 7, r});
  EXPECT_EQ(out.str(), "cuda/x: wrong: out[2] is NaN\n");
}

}  // namespace
}  // namespace mlawave::cli
