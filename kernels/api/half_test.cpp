#include "kernels/api/half.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace mlawave::api {
namespace {

TEST(Half, F16LiteralValues) {
  EXPECT_EQ(float_to_f16(0.0f), 0x0000);
  EXPECT_EQ(float_to_f16(-0.0f), 0x8000);
  EXPECT_EQ(float_to_f16(1.0f), 0x3c00);
  EXPECT_EQ(float_to_f16(-2.0f), 0xc000);
  EXPECT_EQ(float_to_f16(65504.0f), 0x7bff);
  EXPECT_EQ(float_to_f16(65519.0f), 0x7bff);
  EXPECT_EQ(float_to_f16(65520.0f), 0x7c00);
  EXPECT_EQ(float_to_f16(0x1p-14f), 0x0400);
  EXPECT_EQ(float_to_f16(0x1p-24f), 0x0001);
  EXPECT_EQ(float_to_f16(0x1p-25f), 0x0000);  // a tie goes to even
  EXPECT_EQ(float_to_f16(std::numeric_limits<float>::infinity()), 0x7c00);
  EXPECT_TRUE(std::isnan(f16_to_float(float_to_f16(std::nanf("")))));
}

TEST(Half, Bf16LiteralValues) {
  EXPECT_EQ(float_to_bf16(1.0f), 0x3f80);
  EXPECT_EQ(float_to_bf16(1.00390625f), 0x3f80);  // 1 + 2^-8, a tie, goes to even
  EXPECT_EQ(float_to_bf16(1.01171875f), 0x3f82);  // 1 + 3·2^-8, a tie, goes to even
  EXPECT_EQ(float_to_bf16(-std::numeric_limits<float>::infinity()), 0xff80);
  EXPECT_TRUE(std::isnan(bf16_to_float(float_to_bf16(std::nanf("")))));
}

class EveryPattern : public testing::TestWithParam<Dtype> {};

TEST_P(EveryPattern, ComesBackFromFloat) {
  for (std::uint32_t h = 0; h <= 0xffff; ++h) {
    const auto pattern = static_cast<std::uint16_t>(h);
    const float f = to_float(pattern, GetParam());
    if (std::isnan(f))
      EXPECT_TRUE(std::isnan(to_float(from_float(f, GetParam()), GetParam())));
    else
      EXPECT_EQ(from_float(f, GetParam()), pattern);
  }
}

// Between neighbours the nearer one is taken, at the middle the even one.
TEST_P(EveryPattern, RoundsToTheNearest) {
  const std::uint16_t infinity = GetParam() == Dtype::f16 ? 0x7c00 : 0x7f80;
  for (std::uint16_t h = 0; h + 1 < infinity; ++h) {
    const float lo = to_float(h, GetParam()), hi = to_float(h + 1, GetParam());
    const float middle = lo + (hi - lo) / 2;
    EXPECT_EQ(from_float(middle, GetParam()), h % 2 == 0 ? h : h + 1);
    EXPECT_EQ(from_float(std::nextafter(middle, lo), GetParam()), h);
    EXPECT_EQ(from_float(std::nextafter(middle, hi), GetParam()), h + 1);
  }
}

INSTANTIATE_TEST_SUITE_P(Half, EveryPattern, testing::Values(Dtype::f16, Dtype::bf16),
                         [](const auto& info) { return std::string(to_string(info.param)); });

}  // namespace
}  // namespace mlawave::api
