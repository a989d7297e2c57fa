#include "harness/analysis/projection.h"

#include <gtest/gtest.h>

#include "harness/analysis/explanation.h"

namespace mlawave::analysis {
namespace {

Series two_rows() {
  Series s;
  s.heads = 16;
  s.points.resize(2);
  s.points[0].n_kv = 1024;
  s.points[0].time_us = 100;
  s.points[1].n_kv = 2048;
  s.points[1].time_us = 150;
  return s;
}

TEST(Projection, RowsAndDips) {
  Explanation e;
  Dip& dip = e.dips.emplace_back();
  dip.n_kv = 2048;
  dip.boundary = 1024;
  dip.jump_us = dip.jump_percent = 50;
  const auto card = model::find_card("deepseek-v2-lite");  // 27 layers
  const Projection p = project(two_rows(), e, card, {8.1, "given"});
  ASSERT_EQ(p.rows.size(), 2u);
  EXPECT_DOUBLE_EQ(p.rows[0].token.token_ms, 10.8);
  ASSERT_EQ(p.dips.size(), 1u);
  EXPECT_DOUBLE_EQ(p.dips[0].share, 0.25);
  EXPECT_NEAR(p.dips[0].token.token_percent, 12.5, 1e-9);
  EXPECT_NE(as_text(p).find("Projection, not a measurement"), std::string::npos);
}

TEST(Projection, NotOfWhatIsNotOneTokenOfThatModel) {
  const auto lite = model::find_card("deepseek-v2-lite");
  EXPECT_EQ(why_not_projected(two_rows(), lite), "");
  EXPECT_EQ(why_not_projected(two_rows(), model::find_card("deepseek-v3")),
            "it has 16 heads, deepseek-v3 has 128");
  EXPECT_NE(why_not_projected(two_rows(), model::find_card("llama-3-8b")), "");
  Series s = two_rows();
  s.rule = RowRule::appending;
  EXPECT_EQ(why_not_projected(s, lite), "its times are of a whole model already");
  s = two_rows();
  s.batch = 2;
  EXPECT_NE(why_not_projected(s, lite), "");
}

}  // namespace
}  // namespace mlawave::analysis
