#include "harness/workload/fill.h"

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/api/half.h"

namespace mlawave::workload {
namespace {

TEST(Fill, IsRoughlyStandardNormal) {
  constexpr int kCount = 200000;
  double sum = 0, squares = 0;
  for (int i = 0; i < kCount; ++i) {
    const double x = value(408, Tensor::kv, i);
    ASSERT_LE(std::abs(x), 3.4642);
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / kCount, 0, 5 / std::sqrt(kCount));
  EXPECT_NEAR(squares / kCount, 1, 0.02);
}

TEST(Fill, NeighboursAndTensorsAndSeedsAreUnrelated) {
  constexpr int kCount = 100000;
  double neighbours = 0, tensors = 0, seeds = 0;
  for (int i = 0; i < kCount; ++i) {
    const double x = value(1, Tensor::q, i);
    neighbours += x * value(1, Tensor::q, i + 1);
    tensors += x * value(1, Tensor::kv, i);
    seeds += x * value(2, Tensor::q, i);
  }
  const double five_sigma = 5 * std::sqrt(kCount);
  EXPECT_NEAR(neighbours, 0, five_sigma);
  EXPECT_NEAR(tensors, 0, five_sigma);
  EXPECT_NEAR(seeds, 0, five_sigma);
}

// The same at compile time and run time: what the GPU must make too.
TEST(Fill, IsAFunctionOfItsArguments) {
  static_assert(value(408, Tensor::q, 0) != value(408, Tensor::q, 1));
  constexpr float at_compile_time = value(408, Tensor::kv, 123456789012345);
  volatile std::uint64_t index = 123456789012345;
  EXPECT_EQ(value(408, Tensor::kv, index), at_compile_time);
}

TEST(Fill, GuardsAndPoisonAreNotANumber) {
  for (std::uint16_t bits : {kNan16, kPoison16}) {
    EXPECT_TRUE(std::isnan(api::f16_to_float(bits)));
    EXPECT_TRUE(std::isnan(api::bf16_to_float(bits)));
  }
  EXPECT_NE(kNan16, kPoison16);
  EXPECT_TRUE(std::isnan(std::bit_cast<float>(kPoison32)));
}

}  // namespace
}  // namespace mlawave::workload
