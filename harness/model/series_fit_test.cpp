#include "harness/model/series_fit.h"

#include <gtest/gtest.h>

#include <cmath>

#include "harness/model/f_test.h"
#include "harness/model/nonnegative.h"

namespace mlawave::model {
namespace {

TEST(Nonnegative, FindsThePlantedCoefficients) {
  const std::vector<std::vector<double>> x{{1, 1, 1, 1}, {0, 1, 2, 3}, {0, 1, 0, 1}};
  const std::vector<double> y{2, 6, 8, 12}, w(4, 1.0);  // 2 + 3 x1 + 1 x2
  const auto f = fit_nonnegative(x, y, w);
  ASSERT_TRUE(f);
  EXPECT_NEAR(f->coefficients[0], 2, 1e-9);
  EXPECT_NEAR(f->coefficients[1], 3, 1e-9);
  EXPECT_NEAR(f->coefficients[2], 1, 1e-9);
}

TEST(Nonnegative, NothingGoesBelowZero) {
  const std::vector<std::vector<double>> x{{1, 1, 1}, {0, 1, 2}};
  const std::vector<double> y{5, 4, 3}, w(3, 1.0);
  const auto f = fit_nonnegative(x, y, w);
  ASSERT_TRUE(f);
  EXPECT_NEAR(f->coefficients[0], 4, 1e-9);
  EXPECT_EQ(f->coefficients[1], 0);
}

TEST(FTest, TableValues) {  // Fisher's table, 5 %: F(1, 10) = 4.965, F(3, 20) = 3.098
  EXPECT_NEAR(f_tail(4.965, 1, 10), 0.05, 1e-4);
  EXPECT_NEAR(f_tail(3.098, 3, 20), 0.05, 1e-4);
  EXPECT_EQ(f_tail(0, 1, 10), 1);
}

TEST(Load, FollowsTheSchedule) {
  const Load l = load_of({schedule::Kind::stream_k, 256, 16}, 19712, 1, 1, 76);
  EXPECT_EQ(l.units, 77);
  EXPECT_EQ(l.max_load, 2);
}

std::vector<FitRow> planted(Core core, double kappa) {
  std::vector<FitRow> rows;
  for (std::int64_t n = 256; n <= 66560; n += 256) {
    const Load l = load_of({schedule::Kind::stream_k, 256, 16}, n, 1, 1, 76);
    rows.push_back({l, 5 + 7 * core_of(core, kappa, l) + 0.02 * l.parts});
  }
  return rows;
}

TEST(SeriesFit, RecoversAPlantedStaircase) {
  const SeriesFit f = fit_series(planted(Core::rounds, 0), false);
  EXPECT_NEAR(f.t_unit_us, 7, 0.05);
  EXPECT_GT(f.r2, 0.9999);
  EXPECT_LT(f.heldout_error, 1e-3);
  EXPECT_LT(f.null_p, 1e-10);
}

TEST(SeriesFit, RecoversAMemoryBoundCurve) {
  const auto rows = planted(Core::rounds, 2.2);
  const SeriesFit f = fit_series(rows, false);
  EXPECT_GT(f.r2, 0.999);
  for (const FitRow& r : rows) EXPECT_NEAR(f.predict_us(r.load), r.time_us, 0.02 * r.time_us);
}

TEST(SeriesFit, MemoryBoundStepsAreSmallerThanOneInM) {
  const Load before = load_of({schedule::Kind::stream_k, 256, 16}, 19456, 1, 1, 76);
  const Load after = load_of({schedule::Kind::stream_k, 256, 16}, 19712, 1, 1, 76);
  EXPECT_DOUBLE_EQ(core_of(Core::rounds, 0, after) / core_of(Core::rounds, 0, before), 2);
  EXPECT_NEAR(core_of(Core::rounds, 4, after) / core_of(Core::rounds, 4, before), 1.25, 1e-9);
}

TEST(SeriesFit, ALineNeedsNoSteps) {
  std::vector<FitRow> rows;
  for (const FitRow& r : planted(Core::rounds, 0))
    rows.push_back({r.load, 10 + 0.05 * r.load.units});
  const SeriesFit f = fit_series(rows, true);
  EXPECT_GT(f.null_r2, 0.9999);
}

}  // namespace
}  // namespace mlawave::model
