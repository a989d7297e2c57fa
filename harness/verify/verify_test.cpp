#include "harness/verify/verify.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace mlawave::verify {
namespace {

using api::Dtype;
using workload::Output;

constexpr double kInf = std::numeric_limits<double>::infinity();
const Output kReference{{3, 4, 0, 0}, {1, 2}};

TEST(Compare, EqualOutputPasses) {
  const Verdict v = compare(kReference, kReference, Dtype::f16);
  EXPECT_TRUE(v.ok);
  EXPECT_EQ(v.reason, "");
  EXPECT_EQ(v.error.relative_frobenius, 0);
  EXPECT_EQ(v.error.tolerance, 1e-3);
}

TEST(Compare, MeasuresTheError) {
  const Verdict v = compare({{3, 4, 0.04, -0.03}, {1, 2.25}}, kReference, Dtype::f16);
  EXPECT_NEAR(v.error.relative_frobenius, 0.01, 1e-12);  // 0.05 / 5
  EXPECT_NEAR(v.error.max_abs, 0.04, 1e-12);
  EXPECT_EQ(v.error.lse_max_abs, 0.25);
  EXPECT_FALSE(v.ok);
  EXPECT_EQ(v.reason, "relative error 0.01, expected at most 0.001");
}

TEST(Compare, ToleranceFollowsTheType) {
  const Output off{{3, 4.02, 0, 0}, {1, 2}};  // 0.02 / 5 = 4e-3
  EXPECT_FALSE(compare(off, kReference, Dtype::f16).ok);
  EXPECT_TRUE(compare(off, kReference, Dtype::bf16).ok);
}

TEST(Compare, LogSumExpCountsToo) {
  const Verdict v = compare({{3, 4, 0, 0}, {1, 2.001}}, kReference, Dtype::bf16);
  EXPECT_FALSE(v.ok);
  EXPECT_EQ(v.reason, "log-sum-exp is off by 0.001, expected at most 0.0001");
}

TEST(Compare, NanNeverPasses) {
  EXPECT_EQ(compare({{3, 4, NAN, 0}, {1, 2}}, kReference, Dtype::f16).reason, "out[2] is NaN");
  EXPECT_EQ(compare({{3, 4, 0, 0}, {1, NAN}}, kReference, Dtype::f16).reason, "lse[1] is NaN");
  const Output nan_reference{{NAN}, {}};
  EXPECT_FALSE(compare({{1}, {}}, nan_reference, Dtype::f16).ok);
  EXPECT_FALSE(compare(nan_reference, nan_reference, Dtype::f16).ok);
}

TEST(Compare, InfinityPassesOnlyWhereItBelongs) {
  const Output empty_row{{0}, {-kInf}};
  EXPECT_TRUE(compare(empty_row, empty_row, Dtype::f16).ok);
  EXPECT_FALSE(compare({{0}, {kInf}}, empty_row, Dtype::f16).ok);
  EXPECT_FALSE(compare({{0}, {0}}, empty_row, Dtype::f16).ok);
  EXPECT_FALSE(compare({{kInf}, {-kInf}}, empty_row, Dtype::f16).ok);
}

TEST(Compare, ZeroReferenceMustBeMetExactly) {
  const Output zeros{{0, 0}, {}};
  EXPECT_TRUE(compare(zeros, zeros, Dtype::f16).ok);
  EXPECT_FALSE(compare({{0, 1e-9}, {}}, zeros, Dtype::f16).ok);
}

TEST(Compare, UnwrittenElementsAreSaidFirst) {
  Output o = kReference;
  o.unwritten = 3;
  const Verdict v = compare(o, kReference, Dtype::f16);
  EXPECT_FALSE(v.ok);
  EXPECT_EQ(v.reason, "3 of 6 output elements were never written");
}

TEST(Compare, ShapesMustAgree) {
  EXPECT_THROW(compare({{1}, {}}, kReference, Dtype::f16), std::logic_error);
}

}  // namespace
}  // namespace mlawave::verify
