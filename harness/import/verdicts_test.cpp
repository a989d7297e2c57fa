// What the explanation says of posted tables. Truths and sources: testdata/SOURCES.md.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "harness/analysis/explain.h"
#include "harness/analysis/report.h"
#include "harness/import/read.h"
#include "harness/import/series.h"

namespace mlawave::importer {
namespace {

using analysis::Explanation;
using analysis::Question;
using analysis::Verdict;

Explanation of(const std::string& name, const Question& q = {}) {
  const auto tables = read_file(std::string(MLAWAVE_TESTDATA) + "/" + name);
  return analysis::explain(to_series(tables.front()), q);
}

Question machine(int sms, int ctas_per_sm, int n_tiles) {
  Question q;
  q.sms = sms;
  q.ctas_per_sm = ctas_per_sm;
  q.n_tiles = n_tiles;
  return q;
}

std::vector<std::int64_t> slow_rows(const Explanation& e) {
  std::vector<std::int64_t> rows;
  for (const auto& d : e.dips) rows.push_back(d.n_kv);
  return rows;
}

using Rows = std::vector<std::int64_t>;

TEST(Verdicts, GlmOn3090Ti) {
  const Explanation e = of("glm4-32b_rtx3090ti_pr370.md");
  EXPECT_EQ(e.verdict, Verdict::waves);
  EXPECT_EQ(e.period_tokens, 7168);
  EXPECT_EQ(e.sms, 84);  // the file's name says the card
  EXPECT_EQ(slow_rows(e), (Rows{7168, 14336, 21504, 28672}));
  for (const auto& d : e.dips) {
    EXPECT_GT(d.jump_percent, 0.9);
    EXPECT_LT(d.jump_percent, 1.4);
    EXPECT_LT(d.interval_percent[0], d.jump_percent);
    EXPECT_GT(d.interval_percent[1], d.jump_percent);
  }
}

TEST(Verdicts, GlmWithTheMachineGiven) {
  const Explanation e = of("glm4-32b_rtx3090ti_pr370.md", machine(84, 2, 6));
  EXPECT_EQ(e.verdict, Verdict::waves);
  EXPECT_EQ(e.n_tiles, 6);
}

TEST(Verdicts, LlamaOn4080HasItsBoundaryOffTheRowGrid) {
  const Explanation e = of("llama31-8b_rtx4080_pr374.md");
  EXPECT_EQ(e.verdict, Verdict::waves);
  EXPECT_EQ(e.period_tokens, 4864);
  EXPECT_EQ(slow_rows(e), (Rows{5120, 9728, 14848}));
  EXPECT_EQ(e.dips[0].boundary, 4864);
}

TEST(Verdicts, OneEventIsOnlySuggestive) {
  const Explanation e = of("deepseek-lite_rtx4080_pr386.md");
  EXPECT_EQ(e.verdict, Verdict::ambiguous);
  EXPECT_EQ(e.period_tokens, 38912);
  EXPECT_EQ(slow_rows(e), Rows{40960});
  EXPECT_EQ(e.dips[0].confidence, analysis::Confidence::suggestive);
}

TEST(Verdicts, NothingIsClaimedInTheControls) {
  for (const char* name : {"glm4-32b_rtx3090ti_before-pr370.md", "gemma3-27b_a6000_control.md",
                           "cpu_conflicting-columns_pr332.md", "messy_uneven-steps.md"}) {
    const Explanation e = of(name);
    EXPECT_EQ(e.verdict, Verdict::none) << name;
    EXPECT_TRUE(e.dips.empty()) << name;
  }
  Question q;
  q.sms = 84;
  EXPECT_EQ(of("gemma3-27b_a6000_control.md", q).verdict, Verdict::none);
}

TEST(Verdicts, BadRowsAreNamed) {
  EXPECT_EQ(of("cpu_conflicting-columns_pr332.md").bad_rows.size(), 3u);
}

TEST(Verdicts, StepsUnderBumpsAreNoProof) {
  const Explanation e = of("glm4-32b_rtx3090ti_noisy.md");
  EXPECT_EQ(e.verdict, Verdict::ambiguous);
  EXPECT_EQ(e.period_tokens, 7168);
  EXPECT_FALSE(e.other_events.empty());
}

TEST(Verdicts, KernelCurvesOfTheH100) {
  const Explanation occ1 = of("llama_tile-reuse_16heads_132sm_occ1.csv", machine(132, 1, 1));
  ASSERT_EQ(slow_rows(occ1), Rows{34048});
  EXPECT_EQ(occ1.dips[0].boundary, 33792);
  EXPECT_NEAR(occ1.dips[0].jump_percent, 11, 1);
  const Explanation occ4 = of("llama_tile-reuse_16heads_132sm_occ4.csv", machine(132, 4, 1));
  EXPECT_EQ(occ4.verdict, Verdict::none);
  EXPECT_EQ(occ4.period_tokens, 135168);
  const Explanation sm76 = of("llama_baseline_16heads_76sm_occ2.csv", machine(76, 2, 1));
  EXPECT_EQ(slow_rows(sm76), Rows{39168});
}

std::string with_steps(const std::string& header, const char* row, std::int64_t first_slow) {
  std::string text = header;
  for (std::int64_t n = 512; n <= 66560; n += 512)
    text += fmt::format(fmt::runtime(row), n,
                        20e-6 + 1e-11 * static_cast<double>(n) +
                            8e-6 * static_cast<double>((n + 19456 - first_slow) / 19456));
  return text;
}

// A boundary row is slow where llama.cpp pads and fast in a kernel's own curve: a table that
// doesn't say which it is gets both looked at.
TEST(Verdicts, ATableOfUnknownRuleIsReadBothWays) {
  const std::string sweep = "|PP|TG|N_KV|T_PP s|S_PP t/s|T_TG s|S_TG t/s|\n";
  for (const std::int64_t first_slow : {19456, 19968})
    for (const std::string& text : {with_steps("n_kv,time_s\n", "{},{:.9f}\n", first_slow),
                                    with_steps(sweep, "|0|1|{}|0|0|{:.9f}||\n", first_slow)}) {
      std::istringstream in(text);
      Question q;
      q.sms = 76;
      const Explanation e = analysis::explain(to_series(read_stream(in, "t", {}).front()), q);
      EXPECT_EQ(e.verdict, Verdict::waves) << text;
      ASSERT_EQ(e.dips.size(), 3u);
      EXPECT_EQ(e.dips[0].n_kv, first_slow);
      EXPECT_EQ(e.dips[0].boundary, 19456);
    }
}

TEST(Verdicts, FewRowsAreUnresolvable) {
  EXPECT_EQ(of("messy_no-outer-pipes.md").verdict, Verdict::unresolvable);
  EXPECT_FALSE(of("messy_quoted_header-spelling.md").reason.empty());
}

TEST(Verdicts, RowsCoarserThanThePeriodAreUnresolvable) {
  const Explanation e = of("deepseek-lite_rtx4080_pr386.md", machine(76, 1, 8));  // period 2432
  EXPECT_EQ(e.verdict, Verdict::unresolvable);
  EXPECT_NE(e.reason.find("half the period"), std::string::npos);
}

TEST(Verdicts, SameInputSameOutput) {
  const auto once = [] {
    const std::vector<Explanation> all{of("glm4-32b_rtx3090ti_pr370.md")};
    return analysis::as_json(all);
  };
  EXPECT_EQ(once(), once());
}

}  // namespace
}  // namespace mlawave::importer
