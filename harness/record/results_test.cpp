// The runs committed under results/ stay readable: a reader that loses them has lost the evidence.
#include <gtest/gtest.h>

#include <filesystem>

#include "harness/record/read_run.h"

namespace mlawave::record {
namespace {

TEST(CommittedResults, EveryRunReadsAndHoldsTimedRows) {
  int runs = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(MLAWAVE_RESULTS)) {
    if (entry.path().filename() != kRunFileName) continue;
    SCOPED_TRACE(entry.path().string());
    const record::Run run = read_run(entry.path().string());
    EXPECT_TRUE(run.warnings.empty());
    ASSERT_FALSE(run.records.empty());
    bool timed = false;
    for (const Record& record : run.records) {
      const bool skipped = record.status == Status::skipped && !record.reason.empty();
      EXPECT_TRUE(record.status == Status::ok || skipped) << record.id;
      timed |= record.status == Status::ok;
    }
    EXPECT_TRUE(timed);
    ++runs;
  }
  EXPECT_GT(runs, 0);
}

}  // namespace
}  // namespace mlawave::record
