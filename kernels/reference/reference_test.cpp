#include "kernels/reference/reference.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "kernels/api/half.h"

namespace mlawave::reference {
namespace {

using api::Dtype;
using api::kDQk;
using api::kDV;
using api::Layout;

struct Tensors {
  api::MlaProblem problem;
  std::vector<std::uint16_t> q, kv;
  explicit Tensors(api::MlaProblem p)
      : problem(std::move(p)),
        q(problem.batch() * problem.rows() * kDQk, 0),
        kv(problem.kv_rows() * kDQk, 0x7fc0) {}  // NaN wherever a test writes nothing
  void set_q(int row, int column, float x) {
    q[row * kDQk + column] = api::from_float(x, problem.dtype);
  }
  void set_row(int row, float x) {
    for (int d = 0; d < kDQk; ++d) kv[row * kDQk + d] = api::from_float(x, problem.dtype);
  }
  void set_kv(int row, int column, float x) {
    kv[row * kDQk + column] = api::from_float(x, problem.dtype);
  }
  Answer answer() const { return attention(problem, {q.data(), kv.data()}); }
};

TEST(Reference, OneTokenGivesItsValueAndItsScore) {
  for (Layout layout : {Layout::rope_nope, Layout::nope_rope}) {
    Tensors t(api::make_problem({1}, 1, 1, Dtype::f16, layout, 0.5f));
    t.set_row(0, 0);
    t.set_q(0, 3, 2);
    t.set_kv(0, 3, 4);
    t.set_kv(0, 100, 7);
    const Answer a = t.answer();
    EXPECT_DOUBLE_EQ(a.lse[0], 0.5 * 2 * 4);
    EXPECT_DOUBLE_EQ(a.out[100 - api::v_column(layout)], 7);
    EXPECT_DOUBLE_EQ(a.out[101 - api::v_column(layout)], 0);
  }
}

TEST(Reference, TwoTokensByHand) {
  // Scores ln 3 and 0, so weights 3/4 and 1/4.
  Tensors t(api::make_problem({2}, 1, 1, Dtype::bf16, Layout::nope_rope,
                              static_cast<float>(std::log(3.0))));
  t.set_row(0, 0);
  t.set_row(1, 0);
  t.set_q(0, 575, 1);  // a rotary column: part of the score, not of V
  t.set_kv(0, 575, 1);
  t.set_kv(0, 0, 8);
  t.set_kv(1, 0, 4);
  const Answer a = t.answer();
  EXPECT_NEAR(a.out[0], 0.75 * 8 + 0.25 * 4, 1e-6);
  EXPECT_NEAR(a.lse[0], std::log(4.0), 1e-6);
}

TEST(Reference, NewTokensAreCausalAndAnEmptyRowIsZero) {
  // Three new tokens, one cached token in all: the first two query tokens see nothing.
  Tensors t(api::make_problem({1}, 2, 3, Dtype::f16, Layout::rope_nope));
  t.set_row(0, 1);
  const Answer a = t.answer();
  for (int row = 0; row < 4; ++row) {
    EXPECT_EQ(a.lse[row], -std::numeric_limits<double>::infinity());
    EXPECT_EQ(a.out[row * kDV + 5], 0);
  }
  for (int row = 4; row < 6; ++row) {
    EXPECT_EQ(a.lse[row], 0);
    EXPECT_EQ(a.out[row * kDV + 5], 1);
  }
}

TEST(Reference, RequestsReadTheirOwnRows) {
  Tensors t(api::make_problem({1, 0, 2}, 1, 1, Dtype::f16, Layout::rope_nope));
  t.set_row(static_cast<int>(t.problem.kv_begin[0]), 1);
  t.set_row(static_cast<int>(t.problem.kv_begin[2]), 2);
  t.set_row(static_cast<int>(t.problem.kv_begin[2]) + 1, 4);
  const Answer a = t.answer();
  EXPECT_EQ(a.out[0], 1);
  EXPECT_EQ(a.out[kDV], 0);
  EXPECT_EQ(a.out[2 * kDV], 3);  // equal scores: the mean
  EXPECT_NEAR(a.lse[2], std::log(2.0), 1e-12);
}

// Two requests on pages of two tokens, in the table's order; the entries behind are no pages.
TEST(Reference, PagesAreFoundThroughTheTable) {
  Tensors t(api::make_problem({3, 1}, 1, 1, Dtype::f16, Layout::rope_nope, 1, 2));
  const std::vector<std::int32_t> table{4, 1, 1 << 30, /**/ 2, 1 << 30, 1 << 30};
  for (int row : {8, 9, 2}) t.set_row(row, static_cast<float>(row));
  t.set_row(4, 5);
  api::MlaTensors tensors{t.q.data(), t.kv.data()};
  tensors.block_table = table.data();
  const Answer a = attention(t.problem, tensors);
  EXPECT_NEAR(a.out[0], (8 + 9 + 2) / 3.0, 1e-12);  // equal scores: the mean
  EXPECT_EQ(a.out[kDV], 5);
}

// 40 tokens of small numbers; column 575, rotary in this layout, is 1 in each.
Tensors forty(const std::vector<int>& order, float q575) {
  Tensors t(api::make_problem({40}, 2, 1, Dtype::f16, Layout::nope_rope, 0.25f));
  for (int row = 0; row < 2; ++row)
    for (int d = 0; d < kDQk; ++d) t.set_q(row, d, d == 575 ? q575 : (row + d * 7 % 13 - 6) / 32.f);
  for (int i = 0; i < 40; ++i)
    for (int d = 0; d < kDQk; ++d)
      t.set_kv(i, d, d == 575 ? 1 : ((order[i] + 1) * (d + 3) % 17 - 8) / 8.f);
  return t;
}

TEST(Reference, TheOrderOfTokensDoesNotMatter) {
  std::vector<int> order(40);
  std::iota(order.begin(), order.end(), 0);
  const Answer forward = forty(order, 0).answer();
  std::shuffle(order.begin(), order.end(), std::mt19937(408));
  const Answer shuffled = forty(order, 0).answer();
  for (std::size_t i = 0; i < forward.out.size(); ++i)
    EXPECT_NEAR(shuffled.out[i], forward.out[i], 1e-12);
  for (int row = 0; row < 2; ++row) EXPECT_NEAR(shuffled.lse[row], forward.lse[row], 1e-12);
}

TEST(Reference, TheSameForEveryScoreShiftsLseAlone) {
  std::vector<int> order(40);
  std::iota(order.begin(), order.end(), 0);
  const Answer plain = forty(order, 0).answer(), shifted = forty(order, 1000).answer();
  for (std::size_t i = 0; i < plain.out.size(); ++i)
    EXPECT_NEAR(shifted.out[i], plain.out[i], 1e-10);
  for (int row = 0; row < 2; ++row)
    EXPECT_NEAR(shifted.lse[row], plain.lse[row] + 0.25 * 1000, 1e-10);
}

}  // namespace
}  // namespace mlawave::reference
