#include "harness/analysis/from_run.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "harness/analysis/explain.h"
#include "harness/analysis/scatter_test.h"

namespace mlawave::analysis {
namespace {

record::Record row(std::int64_t n_kv, const std::string& kernel, double time_us) {
  record::Record r;
  r.what.kernel = kernel;
  r.what.chosen_by = "auto: 16 query rows";
  r.what.sms = 76;
  r.what.n_kv = n_kv;
  r.id = r.what.id();
  r.status = record::Status::ok;
  r.plan.sms = r.plan.slots = r.partition.sms = 76;
  r.plan.rows_per_tile = 16;
  r.plan.n_tiles = r.plan.ctas_per_sm = 1;
  r.summary = {time_us, 0, 0, 0, 9};
  return r;
}

// One kernel up to 30000 tokens, then another that takes 9 us more.
TEST(SeriesOf, AutoIsOneSeriesAndItsSwitchIsNamed) {
  record::Run run;
  for (std::int64_t n = 256; n <= 60000; n += 256) {
    const double time_us = 40 + 0.0006 * static_cast<double>(n) + 0.1 * scatter(n / 256);
    run.records.push_back(n <= 30000 ? row(n, "tile_reuse_sm90_t", time_us)
                                     : row(n, "tile_reuse", time_us + 9));
  }
  const auto all = series_of(run, "test");
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].kernel, "auto");
  ASSERT_EQ(all[0].notes.size(), 1u);
  EXPECT_EQ(all[0].notes[0], "auto chose tile_reuse, tile_reuse_sm90_t");
  const Explanation e = explain(all[0]);
  const auto event = std::find_if(e.other_events.begin(), e.other_events.end(),
                                  [](const Event& event) { return event.n_kv == 30208; });
  ASSERT_NE(event, e.other_events.end());
  EXPECT_EQ(event->cause, Cause::kernel_or_split_switch);
  EXPECT_NE(event->evidence.find("tile_reuse_sm90_t"), std::string::npos) << event->evidence;
}

// A cache that outgrows the L2 is read in another way, and the curve falls.
TEST(SeriesOf, StepWhereTheL2PolicyChangesIsNamed) {
  record::Run run;
  for (std::int64_t n = 256; n <= 100000; n += 256) {
    const double time_us = 40 + 0.0003 * static_cast<double>(n) + 0.1 * scatter(n / 256);
    run.records.push_back(row(n, "tile_reuse_sm90_t", n <= 54613 ? time_us : time_us - 3));
    run.records.back().plan.evict_first = n > 54613;
  }
  const Explanation e = explain(series_of(run, "test").at(0));
  const auto event = std::find_if(e.other_events.begin(), e.other_events.end(),
                                  [](const Event& event) { return event.n_kv == 54784; });
  ASSERT_NE(event, e.other_events.end());
  EXPECT_EQ(event->cause, Cause::kernel_or_split_switch);
  EXPECT_NE(event->evidence.find("evict_first after"), std::string::npos) << event->evidence;
}

// Rows with pages are a curve of their own.
TEST(SeriesOf, PagesAreASeriesOfTheirOwn) {
  record::Run run;
  for (int page : {0, 64}) {
    run.records.push_back(row(256, "tile_reuse", 20));
    run.records.back().what.page_size = page;
  }
  const auto all = series_of(run, "test");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].name.find("pages"), std::string::npos);
  EXPECT_NE(all[1].name.find("pages of 64"), std::string::npos);
}

}  // namespace
}  // namespace mlawave::analysis
