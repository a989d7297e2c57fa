#include "harness/analysis/explain.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdint>

#include "harness/analysis/advice.h"
#include "harness/analysis/scatter_test.h"
#include "harness/analysis/simulate.h"
#include "harness/config/bad_input.h"

namespace mlawave::analysis {
namespace {

// 260 rows of 256 tokens; 76 SMs, 1 CTA, 1 tile: steps at 19456, 38912, 58368.
Series pr408(double step_us, double wiggle_us) {
  Series s;
  s.name = "pr408";
  s.backend = "cuda";
  s.schedule = "stream_k";
  s.known = {76, 1, 1, 256, 1};
  for (std::int64_t n = 256; n <= 66560; n += 256) {
    Point p;
    p.n_kv = n;
    const double load = static_cast<double>((n + 76 * 256 - 1) / (76 * 256));
    const double wiggle = wiggle_us * scatter(n / 256);
    p.time_us = 40 + 0.0006 * static_cast<double>(n) + step_us * load + wiggle;
    s.points.push_back(p);
  }
  return s;
}

TEST(Explain, AMeasuredRun) {
  const Explanation e = explain(pr408(8, 0.1));
  EXPECT_EQ(e.verdict, Verdict::waves);
  ASSERT_EQ(e.dips.size(), 3u);
  EXPECT_EQ(e.dips[0].n_kv, 19712);
  EXPECT_EQ(e.dips[0].boundary, 19456);
  EXPECT_NEAR(e.dips[0].jump_us, 8, 0.3);
  EXPECT_EQ(e.period_tokens, 19456);
  EXPECT_EQ(e.sms, 76);
  EXPECT_EQ(e.ctas_per_sm, 1);
  EXPECT_TRUE(e.other_events.empty());
}

TEST(Explain, ABatchHasThePeriodOfARequest) {
  Series s = pr408(0, 0.05);
  s.batch = 4;  // 260 units at 65 chunks a request
  for (Point& p : s.points) p.time_us += 8 * static_cast<double>((p.n_kv * 4 + 19455) / 19456);
  const Explanation e = explain(s);
  EXPECT_EQ(e.verdict, Verdict::waves);
  EXPECT_EQ(e.period_tokens, 4864);
  EXPECT_EQ(e.dips[0].boundary, 4864);
  EXPECT_LT(e.shifted, 0.5);  // a whole period further is no other phase
  EXPECT_NE(in_plain_words(e).find("At 4,864 tokens in each of 4 requests"), std::string::npos);
  EXPECT_NE(in_plain_words(e).find("while 72 idle"), std::string::npos);
}

// llama-sweep-bench -ub 4096 on a card with 76 SMs: 16 rows, each the mean of 1024 tokens.
Series coarse_table(double step_us) {
  Series s;
  s.rule = RowRule::appending;
  s.tokens = 1024;
  s.skip_rows = 2;
  s.known.sms = 76;
  for (std::int64_t n = 0; n < 65536; n += 4096) {
    Point p;
    p.n_kv = n;
    p.time_us = 6500 + 0.06 * static_cast<double>(n) + 2 * scatter(n / 256);
    for (std::int64_t token = 0; token < s.tokens; ++token)
      p.time_us += step_us * static_cast<double>(((n + token) / 256 + 76) / 76) / s.tokens;
    s.points.push_back(p);
  }
  return s;
}

TEST(Explain, PlainJumpsOfACoarseTableAreWorthAWord) {
  const Explanation e = explain(coarse_table(500));
  EXPECT_EQ(e.verdict, Verdict::ambiguous);
  ASSERT_EQ(e.dips.size(), 2u);
  EXPECT_EQ(e.dips[0].n_kv, 20480);
  EXPECT_EQ(e.dips[1].n_kv, 40960);
  for (const Event& o : e.other_events) EXPECT_NE(o.n_kv, 61440);  // a boundary at the last row
}

TEST(Explain, ACoarseTableSaysWhatItCannotShow) {
  const Explanation e = explain(coarse_table(0));
  EXPECT_EQ(e.verdict, Verdict::none);
  EXPECT_NE(in_plain_words(e).find("periods below 8,192"), std::string::npos);
}

// A second step in the last gap is no rival of the first: no boundary is looked for there.
TEST(Explain, AStepAtTheLastRowDoesNotHideTheOneBefore) {
  Series s = pr408(8, 0.02);
  s.points.resize(153);  // up to 39,168, the first row behind the second boundary
  const Explanation e = explain(s);
  EXPECT_EQ(e.verdict, Verdict::ambiguous);
  ASSERT_EQ(e.dips.size(), 1u);
  EXPECT_EQ(e.dips[0].n_kv, 19712);
}

TEST(Explain, UnevenJumpsAreNoWaves) {
  Series s = pr408(0, 0.02);
  s.points.resize(220);  // two boundaries
  for (Point& p : s.points) p.time_us += (p.n_kv > 19456 ? 8 : 0) + (p.n_kv > 38912 ? 0.6 : 0);
  const Explanation e = explain(s);
  EXPECT_EQ(e.verdict, Verdict::ambiguous);
  EXPECT_NE(e.reason.find("differ too much"), std::string::npos);
}

TEST(Explain, ManyDipsAreNotAllSpeltOut) {
  Series s = pr408(0, 0.1);
  s.known = {};
  for (Point& p : s.points) p.time_us += static_cast<double>((p.n_kv + 1023) / 1024);
  const Explanation e = explain(s);
  EXPECT_EQ(e.verdict, Verdict::ambiguous);
  ASSERT_GT(e.dips.size(), 20u);
  EXPECT_NE(in_plain_words(e).find(fmt::format("So are {} more.", e.dips.size() - 3)),
            std::string::npos);
}

TEST(Explain, NoStepsNoWaves) {
  const Explanation e = explain(pr408(0, 0.1));
  EXPECT_EQ(e.verdict, Verdict::none);
  EXPECT_TRUE(e.dips.empty());
}

TEST(Explain, StepsOffTheBoundariesAreNoWaves) {
  Series s = pr408(0, 0.1);
  for (Point& p : s.points)
    for (std::int64_t at : {9728, 29184, 48640}) p.time_us += p.n_kv > at ? 8 : 0;
  const Explanation e = explain(s);
  EXPECT_EQ(e.verdict, Verdict::none);
  ASSERT_EQ(e.other_events.size(), 3u);
  EXPECT_EQ(e.other_events[0].n_kv, 9984);
}

TEST(Explain, AnotherPlanBehindAStepIsNamed) {
  Series s = pr408(0, 0.1);
  for (Point& p : s.points) {
    p.plan = {p.n_kv > 30000 ? "32 rows a tile" : "16 rows a tile", "1 CTA per SM"};
    p.time_us += p.n_kv > 30000 ? 9 : 0;
  }
  const Explanation e = explain(s);
  ASSERT_EQ(e.other_events.size(), 1u);
  EXPECT_EQ(e.other_events[0].cause, Cause::kernel_or_split_switch);
  EXPECT_NE(e.other_events[0].evidence.find("16 rows a tile before, 32 rows a tile after"),
            std::string::npos);
}

TEST(Explain, AStepWithTheClockIsThrottle) {
  Series s = pr408(0, 0.1);
  for (Point& p : s.points) {
    const bool slow = p.n_kv > 30000;
    p.clock_mhz = slow ? 1600 : 1980;
    if (slow) p.time_us *= 1980.0 / 1600;
  }
  const Explanation e = explain(s);
  ASSERT_EQ(e.other_events.size(), 1u);
  EXPECT_EQ(e.other_events[0].cause, Cause::throttle_or_clock);
}

TEST(Explain, OneRowAloneIsNoise) {
  Series s = pr408(0, 0.1);
  s.points[100].time_us += 20;
  const Explanation e = explain(s);
  EXPECT_EQ(e.verdict, Verdict::none);
  ASSERT_EQ(e.other_events.size(), 1u);
  EXPECT_EQ(e.other_events[0].cause, Cause::noise_or_bad_row);
}

TEST(Explain, AShortSawtoothIsNoWave) {
  Series s = pr408(0, 0.02);
  for (Point& p : s.points) p.time_us += static_cast<double>((p.n_kv / 256) % 4 == 2);
  const Explanation e = explain(s);
  EXPECT_EQ(e.verdict, Verdict::none);
  ASSERT_FALSE(e.other_events.empty());
  EXPECT_EQ(e.other_events.back().cause, Cause::tile_or_page_rounding);
  EXPECT_NE(e.other_events.back().evidence.find("1024"), std::string::npos);
  s.backend = "cpu";
  EXPECT_EQ(explain(s).other_events.back().cause, Cause::cpu_thread_imbalance);
}

TEST(Explain, TheL2BendIsNamedWhereTheCacheFillsIt) {
  Series s = pr408(0, 0.05);
  s.l2_bytes = 50e6;
  s.bytes_per_token = 1152;
  for (Point& p : s.points)
    p.time_us += p.n_kv > 43400 ? 0.002 * static_cast<double>(p.n_kv - 43400) : 0;
  const Explanation e = explain(s);
  ASSERT_FALSE(e.other_events.empty());
  EXPECT_EQ(e.other_events.back().cause, Cause::l2_capacity);
}

TEST(Explain, AForeignCpuRunHasNoSms) {
  Series s = pr408(8, 0.1);
  s.backend = "cpu";
  s.known = {};
  EXPECT_EQ(explain(s).verdict, Verdict::none);
}

TEST(Explain, TheFirstBoundaryMayLieBeyondTheRows) {
  Question q;
  q.ctas_per_sm = 4;
  const Explanation e = explain(pr408(0, 0.1), q);
  EXPECT_EQ(e.verdict, Verdict::none);
  EXPECT_NE(e.reason.find("77824"), std::string::npos);
}

TEST(Explain, UnknownGpusAreBadInput) {
  Question q;
  q.gpu = "RTX 4081";
  EXPECT_THROW(explain(pr408(8, 0.1), q), config::BadInput);
}

TEST(Explain, ThePlanOfASplitScheduleSaysItsBoundaries) {
  Series s = pr408(0, 0.1);
  s.schedule = "split_kv";
  for (Point& p : s.points) {
    p.load = (p.n_kv + 12799) / 12800;
    p.time_us += 8 * static_cast<double>(p.load);
  }
  const Explanation e = explain(s);
  EXPECT_EQ(e.verdict, Verdict::waves);
  ASSERT_EQ(e.dips.size(), 5u);
  EXPECT_EQ(e.dips[0].boundary, 12800);
  EXPECT_EQ(e.period_tokens, 12800);
}

TEST(Explain, APlanWithoutStepsHasNoWaves) {
  Series s = pr408(0, 0.1);
  s.schedule = "split_kv";
  for (Point& p : s.points) p.load = 1;
  const Explanation e = explain(s);
  EXPECT_EQ(e.verdict, Verdict::none);
  EXPECT_NE(e.reason.find("split_kv plan has no step"), std::string::npos);
}

// Steps of a card with this many SMs in 66560 tokens.
Series with_sms(int sms) {
  Series s = pr408(0, 0.1);
  s.family = "cuda/tile_reuse";
  s.known.sms = sms;
  for (Point& p : s.points)
    p.time_us += 8 * static_cast<double>((p.n_kv + sms * 256 - 1) / (sms * 256));
  return s;
}

TEST(Explain, OneStepIsProvedByTheOtherCurvesOfASweep) {
  EXPECT_EQ(explain(with_sms(132)).verdict, Verdict::ambiguous);
  const auto all = explain_all({with_sms(132), with_sms(76), with_sms(82)});
  EXPECT_EQ(all[0].verdict, Verdict::waves);
  EXPECT_EQ(all[0].dips[0].confidence, Confidence::medium);
  EXPECT_EQ(explain_all({with_sms(132), with_sms(76)})[0].verdict, Verdict::ambiguous);
}

// The full study is in docs/detection.md; this is its smallest sample.
TEST(Explain, NoWavesAreClaimedInCurvesWithout) {
  int claimed = 0;
  for (std::uint64_t i = 0; i < 150; ++i) {
    const Simulated s = draw(7, i, false);
    Question q;
    q.sms = s.truth.sms;
    claimed += explain(s.series, q).verdict == Verdict::waves ? 1 : 0;
  }
  EXPECT_LE(claimed, 2);
}

TEST(Explain, ClearWavesAreFound) {
  int clear = 0, found = 0;
  for (std::uint64_t i = 0; i < 150; ++i) {
    const Simulated s = draw(7, i, true);
    if (s.boundaries < 4 || s.jump < 5 * s.noise) continue;
    Question q;
    q.sms = s.truth.sms;
    ++clear;
    found += explain(s.series, q).verdict == Verdict::waves ? 1 : 0;
  }
  ASSERT_GT(clear, 20);
  EXPECT_GT(found, clear * 3 / 4);
}

}  // namespace
}  // namespace mlawave::analysis
