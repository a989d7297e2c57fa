#include "harness/analysis/imported_run.h"

#include <gtest/gtest.h>

#include "harness/analysis/from_run.h"
#include "harness/record/json_line.h"

namespace mlawave::analysis {
namespace {

Series posted() {
  Series s;
  s.name = s.kernel = "glm4";
  s.source = "glm4_rtx3090ti.md";
  s.rule = RowRule::appending;
  s.tokens = 128;
  s.skip_rows = 2;
  s.known.chunk = 256;
  s.bad_rows = {{7, 1024, "columns contradict"}};
  for (std::int64_t n = 0; n < 4096; n += 512) {
    Point p;
    p.n_kv = n;
    p.time_us = 25000 + static_cast<double>(n);
    s.points.push_back(p);
  }
  s.points[1].lo_us = s.points[1].time_us - 10;
  s.points[1].hi_us = s.points[1].time_us + 10;
  return s;
}

TEST(ImportedRun, ComesBackAsItWas) {
  const std::vector<Series> all{posted()};
  record::Run run;
  describe_import(all, run.info);
  run.records = records_of(all[0], "mlawave import x");
  for (record::Record& r : run.records)  // through the file's text
    r = std::get<record::Record>(record::from_line(record::to_line(r)));
  const auto back = series_of(run, "dir");
  ASSERT_EQ(back.size(), 1u);
  const Series& s = back[0];
  EXPECT_EQ(s.name, "glm4");
  EXPECT_EQ(s.source, "glm4_rtx3090ti.md");
  EXPECT_EQ(s.rule, RowRule::appending);
  EXPECT_EQ(s.tokens, 128);
  EXPECT_EQ(s.skip_rows, 2);
  EXPECT_FALSE(s.known.sms);
  EXPECT_EQ(s.known.chunk, 256);
  ASSERT_EQ(s.points.size(), 8u);
  EXPECT_DOUBLE_EQ(s.points[3].time_us, 26536);
  EXPECT_DOUBLE_EQ(s.points[1].lo_us, 25502);
  EXPECT_DOUBLE_EQ(s.points[1].hi_us, 25522);
  ASSERT_EQ(s.bad_rows.size(), 1u);
  EXPECT_EQ(s.bad_rows[0].n_kv, 1024);
}

TEST(ImportedRun, NamesAreToldApart) {
  std::vector<Series> all{posted(), posted()};
  name_apart(all);
  EXPECT_EQ(all[1].name, "glm4 (2)");
}

TEST(ImportedRun, AConfigThatSaysNothingChangesNothing) {
  record::RunInfo info;
  info.config_json = R"({"imported":[{"name":7}, "x"]})";
  std::vector<Series> all{posted()};
  EXPECT_NO_THROW(restore_import(info, all));
  EXPECT_EQ(all[0].tokens, 128);
}

}  // namespace
}  // namespace mlawave::analysis
