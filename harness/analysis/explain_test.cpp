#include "harness/analysis/explain.h"

#include <gtest/gtest.h>

#include <cstdint>

#include "harness/analysis/simulate.h"
#include "harness/config/bad_input.h"

namespace mlawave::analysis {
namespace {

// Between -1 and 1, without a period (a multiplicative hash, Knuth).
double scatter(std::int64_t n) {
  const auto hash = static_cast<std::uint32_t>(n / 256 * 2654435761u) * 2246822519u;
  return static_cast<double>((hash ^ (hash >> 15)) * 3266489917u) / 2147483648.0 - 1;
}

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
    const double wiggle = wiggle_us * scatter(n);
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
    p.plan = p.n_kv > 30000 ? "32 rows a tile" : "16 rows a tile";
    p.time_us += p.n_kv > 30000 ? 9 : 0;
  }
  const Explanation e = explain(s);
  ASSERT_EQ(e.other_events.size(), 1u);
  EXPECT_EQ(e.other_events[0].cause, Cause::kernel_or_split_switch);
  EXPECT_NE(e.other_events[0].evidence.find("32 rows"), std::string::npos);
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
