// Posted tables, oddities and all. Source: testdata/SOURCES.md.
#include <gtest/gtest.h>

#include <string>

#include "harness/config/bad_input.h"
#include "harness/import/read.h"

#ifndef MLAWAVE_TESTDATA
#error "the build says where testdata is"
#endif

namespace mlawave::importer {
namespace {

std::vector<Table> sample(const std::string& name) {
  return read_file(std::string(MLAWAVE_TESTDATA) + "/" + name);
}

TEST(Samples, Glm) {
  const auto t = sample("glm4-32b_rtx3090ti_pr370.md");
  ASSERT_EQ(t.size(), 1u);
  EXPECT_EQ(t[0].rows.size(), 64u);
  EXPECT_EQ(t[0].rows[14].n_kv, 7168);
  EXPECT_NEAR(t[0].rows[14].time_us, 3.499e6 / 128, 4);
  EXPECT_EQ(t[0].keys.at("n_gpu_layers"), "99");
}

TEST(Samples, ATrailingHeaderIsATableWithAReason) {
  const auto t = sample("gemma3-27b_a6000_control.md");
  ASSERT_EQ(t.size(), 2u);
  EXPECT_EQ(t[0].rows.size(), 64u);
  EXPECT_EQ(t[1].unusable, "a header without rows");
}

TEST(Samples, ConflictingColumnsGiveTheirRows) {
  const auto t = sample("cpu_conflicting-columns_pr332.md");
  ASSERT_EQ(t[0].bad_rows.size(), 3u);
  EXPECT_EQ(t[0].bad_rows[0].n_kv, 14848);
  EXPECT_EQ(t[0].bad_rows[2].n_kv, 15872);
  EXPECT_EQ(t[0].rows.size(), 29u);
}

TEST(Samples, MessyTablesThatLoad) {
  EXPECT_EQ(sample("messy_header-separator-log-one-line.md")[0].rows.size(), 2u);
  EXPECT_EQ(sample("messy_log-lines-between-rows.md")[0].rows.size(), 2u);
  EXPECT_EQ(sample("messy_no-outer-pipes.md")[0].rows.size(), 5u);
  EXPECT_EQ(sample("messy_quoted_header-spelling.md")[0].rows.size(), 4u);
  EXPECT_EQ(sample("messy_uneven-steps.md")[0].rows.size(), 21u);
}

TEST(Samples, MessyTablesThatCannotBeUsed) {
  EXPECT_THROW(sample("messy_header-without-rows.md"), config::BadInput);
  EXPECT_THROW(sample("messy_log-after-separator.md"), config::BadInput);  // one row
  EXPECT_THROW(sample("messy_tab-separated.md"), config::BadInput);        // one row each
}

TEST(Samples, KernelCurves) {
  EXPECT_EQ(sample("llama_tile-reuse_16heads_132sm_occ1.csv")[0].rows.size(), 260u);
}

}  // namespace
}  // namespace mlawave::importer
