#include "kernels/api/problem.h"

#include <gtest/gtest.h>

namespace mlawave::api {
namespace {

TEST(MlaProblem, CountsFlopsAndBytes) {
  const MlaProblem p = make_problem({65536}, 16, 1, Dtype::f16, Layout::rope_nope);
  EXPECT_DOUBLE_EQ(p.flops(), 2176.0 * 16 * 65536);
  EXPECT_DOUBLE_EQ(p.bytes(), 1152.0 * 65536 + 16 * (2 * 1088 + 4));
}

TEST(MlaProblem, RequestsDoNotOverlapAndKeepAGuardBlock) {
  const MlaProblem p = make_problem({100, 0, 64}, 16, 1, Dtype::f16, Layout::rope_nope);
  EXPECT_EQ(p.kv_begin, (std::vector<std::int64_t>{0, 192, 256}));
  EXPECT_EQ(p.kv_rows(), 384);
  EXPECT_EQ(p.total_kv(), 164);
}

// Pages of 64: 2 + 0 + 1, and an unused one for each request.
TEST(MlaProblem, CountsPages) {
  const MlaProblem p =
      make_problem({100, 0, 64}, 16, 1, Dtype::f16, Layout::rope_nope, kDefaultScale, 64);
  EXPECT_TRUE(p.kv_begin.empty());
  EXPECT_EQ(p.pages(), 6);
  EXPECT_EQ(p.kv_rows(), 6 * 64);
  EXPECT_EQ(p.max_pages(), 3);
  const MlaProblem flat = make_problem({100, 0, 64}, 16, 1, Dtype::f16, Layout::rope_nope);
  EXPECT_EQ(flat.pages(), 0);
  EXPECT_DOUBLE_EQ(p.bytes(), flat.bytes() + 3 * 4);
}

TEST(MlaProblem, NewTokensSeeCausally) {
  const MlaProblem p = make_problem({5, 1}, 16, 4, Dtype::f16, Layout::rope_nope);
  EXPECT_EQ(p.visible(0, 3), 5);
  EXPECT_EQ(p.visible(0, 0), 2);
  EXPECT_EQ(p.visible(1, 3), 1);
  EXPECT_EQ(p.visible(1, 0), 0);
}

TEST(Names, RoundTrip) {
  for (Dtype d : {Dtype::f16, Dtype::bf16}) EXPECT_EQ(parse_dtype(to_string(d)), d);
  for (Layout l : {Layout::rope_nope, Layout::nope_rope}) EXPECT_EQ(parse_layout(to_string(l)), l);
  EXPECT_EQ(parse_dtype("f32"), std::nullopt);
}

}  // namespace
}  // namespace mlawave::api
