#include "harness/analysis/tune.h"

#include <gtest/gtest.h>

namespace mlawave::analysis {
namespace {

Choice choice(const char* kernel, int chunk, std::vector<LoadedRow> rows) {
  Choice c{kernel, {schedule::Kind::stream_k, chunk, 16}, false, {}};
  for (const LoadedRow& r : rows) c.rows.push_back({r, {}});
  return c;
}

// A staircase of `chunk` tokens on `slots` slots; every row is a chunk's end.
std::vector<LoadedRow> staircase(int chunk, int slots, double unit_us, double launch_us,
                                 double half_us = 0) {
  std::vector<LoadedRow> rows;
  for (std::int64_t n = 256; n <= 8192; n += 256) {
    const std::int64_t units = (n + chunk - 1) / chunk;
    const std::int64_t load = (units + slots - 1) / slots;
    rows.push_back({n, launch_us + unit_us * static_cast<double>(load), half_us, load});
  }
  return rows;
}

TEST(Jumps, TheFirstStepOfAStaircaseIsTheDeepest) {
  const Jumps j = jumps_at_boundaries(staircase(256, 8, 10, 10), 256);
  EXPECT_EQ(j.boundaries, 3);  // 2048, 4096, 6144
  ASSERT_TRUE(j.largest);
  EXPECT_EQ(j.largest->boundary, 2048);
  EXPECT_EQ(j.largest->n_kv, 2304);
  EXPECT_EQ(j.largest->from_load, 1);
  EXPECT_DOUBLE_EQ(j.largest->jump_us, 10);
  EXPECT_DOUBLE_EQ(j.largest->jump_percent, 50);
  EXPECT_DOUBLE_EQ(*j.depth_percent(), 50);
}

TEST(Jumps, TheSlopeIsNoStep) {
  auto rows = staircase(256, 8, 10, 10);
  for (LoadedRow& r : rows) r.time_us += 1e-3 * static_cast<double>(r.n_kv);
  EXPECT_NEAR(jumps_at_boundaries(rows, 256).largest->jump_us, 10, 1e-9);
}

TEST(Jumps, NoiseThatHidesTheStep) {
  auto rows = staircase(256, 8, 0.1, 100, 0.5);
  const double wiggle[] = {0, 1, -1, 2, -2, 1.5, -0.5};
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].time_us += wiggle[i % 7];
  const Jumps j = jumps_at_boundaries(rows, 256);
  EXPECT_FALSE(j.stands_out());
  EXPECT_GT(j.noise_percent, j.largest->jump_percent);
  EXPECT_GT(*j.depth_percent(), 2);
}

TEST(Jumps, NoBoundaryInTheRange) {
  const Jumps j = jumps_at_boundaries(staircase(256, 64, 10, 10), 256);
  EXPECT_EQ(j.boundaries, 0);
  EXPECT_DOUBLE_EQ(*j.depth_percent(), 0);
}

// Period 128, rows 256 apart: every gap holds two boundaries.
TEST(Jumps, RowsCoarserThanThePeriodSayNothing) {
  const Jumps j = jumps_at_boundaries(staircase(64, 2, 1, 1), 64);
  EXPECT_EQ(j.boundaries, 0);
  EXPECT_EQ(j.too_coarse, 31);
  EXPECT_FALSE(j.depth_percent());
}

TEST(Jumps, AnywhereWhereNoBoundaryIsPromised) {
  auto rows = staircase(256, 64, 0, 10);
  for (LoadedRow& r : rows) {
    r.time_us += 1e-3 * static_cast<double>(r.n_kv) + (r.n_kv > 4096 ? 2 : 0);
    r.max_load = r.n_kv / 8;
  }
  const Jumps j = jumps_anywhere(rows);
  EXPECT_EQ(j.boundaries, 31);
  EXPECT_EQ(j.largest->boundary, 4096);
  EXPECT_NEAR(j.largest->jump_us, 2, 1e-9);
}

TEST(Tune, EvenRowsWeighTheSame) {
  const Judgement j =
      judge({choice("a", 256, {{256, 10, 0, 1}, {512, 20, 0, 1}, {768, 60, 0, 1}})}, 0);
  EXPECT_DOUBLE_EQ(j.choices[0].mean_us, 30);
  EXPECT_DOUBLE_EQ(j.choices[0].total_us, 30 * 768);
}

// A row right behind a boundary stands for one token, not for a whole row's worth.
TEST(Tune, ExtraRowsAtABoundaryDoNotCountDouble) {
  const Judgement j = judge(
      {choice("a", 256, {{256, 10, 0, 1}, {512, 10, 0, 1}, {513, 20, 0, 2}, {768, 20, 0, 2}})}, 0);
  EXPECT_DOUBLE_EQ(j.choices[0].total_us, 512 * 10 + 256 * 20);
}

TEST(Tune, LeastTotalAndShallowestDiffer) {
  const Judgement j = judge(
      {choice("a", 256, staircase(256, 8, 10, 10)), choice("a", 64, staircase(64, 8, 2.5, 16)),
       choice("b", 256, staircase(256, 8, 20, 10))},
      0);
  ASSERT_EQ(j.choices.size(), 3u);
  EXPECT_EQ(j.choices[j.overall.least].policy.chunk, 256);
  EXPECT_EQ(j.choices[j.overall.least].kernel, "a");
  EXPECT_EQ(j.choices[*j.overall.shallowest].policy.chunk, 64);
  EXPECT_GT(j.choices[*j.overall.shallowest].slower_percent, 0);
  ASSERT_EQ(j.kernels.size(), 2u);
  EXPECT_EQ(j.choices[j.kernels[1].best.least].kernel, "b");
}

// 100 us of launch: a quarter of the chunk costs 16 us more in every call, above 5 %.
TEST(Tune, TheShallowestMayCostTooMuch) {
  const Judgement j = judge(
      {choice("a", 256, staircase(256, 8, 10, 100)), choice("a", 64, staircase(64, 8, 2.5, 116))},
      0);
  EXPECT_EQ(j.choices[*j.overall.shallowest].policy.chunk, 64);
  EXPECT_EQ(j.choices[*j.overall.shallowest_affordable].policy.chunk, 256);
}

TEST(Tune, DifferencesWithinTheNoiseAreNone) {
  const Judgement j = judge({choice("a", 256, staircase(256, 8, 10, 10, 2)),
                             choice("a", 128, staircase(256, 8, 10, 10.1, 2)),
                             choice("a", 64, staircase(256, 8, 10, 20, 2))},
                            0);
  EXPECT_TRUE(j.choices[1].as_good_as_least);
  EXPECT_FALSE(j.choices[2].as_good_as_least);
}

TEST(Tune, NoiseDoesNotChooseTheShallowest) {
  auto noisy = [](std::size_t phase) {
    auto rows = staircase(256, 8, 0.1, 100, 0.5);
    const double wiggle[] = {0, 1, -1, 2, -2, 1.5, -0.5};
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i].time_us += wiggle[(i + phase) % 7];
    return rows;
  };
  const Judgement j = judge({choice("a", 256, noisy(0)), choice("a", 128, noisy(3))}, 0);
  EXPECT_FALSE(j.overall.shallowest);
  EXPECT_FALSE(j.overall.shallowest_affordable);
}

TEST(Tune, OnlyRowsThatAllHaveAreCompared) {
  auto shorter = staircase(64, 8, 2.5, 16);
  shorter.resize(20);
  auto stopped = staircase(128, 8, 5, 12);
  stopped.resize(3);
  const Judgement j = judge({choice("a", 256, staircase(256, 8, 10, 10)), choice("a", 64, shorter),
                             choice("a", 128, stopped)},
                            0);
  EXPECT_EQ(j.rows, 20u);
  EXPECT_EQ(j.rows_left_out, 12u);
  EXPECT_EQ(j.last_n_kv, 5120);
  EXPECT_EQ(j.dropped,
            std::vector<std::string>{"a stream_k chunk 128: 3 rows with a time, others have 32"});
}

TEST(Tune, TheCombineIsWeighedLikeTheTime) {
  Choice c = choice("a", 256, {{256, 10, 0, 1}, {512, 20, 0, 1}, {1024, 60, 0, 1}});
  c.rows[0].combine_us = 0;
  c.rows[1].combine_us = 2;
  c.rows[2].combine_us = 4;
  EXPECT_DOUBLE_EQ(*judge({c}, 0).choices[0].combine_us, (0 * 256 + 2 * 256 + 4 * 512) / 1024.0);
}

TEST(Tune, NothingInCommon) {
  EXPECT_TRUE(judge({choice("a", 256, {{256, 10, 0, 1}}), choice("b", 256, {{512, 10, 0, 1}})}, 0)
                  .choices.empty());
  EXPECT_TRUE(judge({}, 0).choices.empty());
}

}  // namespace
}  // namespace mlawave::analysis
