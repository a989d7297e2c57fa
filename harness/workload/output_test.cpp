#include "harness/workload/output.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <vector>

#include "harness/workload/fill.h"

namespace mlawave::workload {
namespace {

TEST(DecodeOutput, ReadsTheBitsOfEachType) {
  const std::vector<std::uint16_t> f16{0x3c00, 0xc000};
  const std::vector<std::uint16_t> bf16{0x3f80, 0xc000};
  const std::vector<std::uint32_t> lse{std::bit_cast<std::uint32_t>(2.5f)};
  EXPECT_EQ(decode_output(f16, lse, api::Dtype::f16).out, (std::vector<double>{1, -2}));
  EXPECT_EQ(decode_output(bf16, lse, api::Dtype::bf16).out, (std::vector<double>{1, -2}));
  EXPECT_EQ(decode_output(f16, lse, api::Dtype::f16).lse, std::vector<double>{2.5});
}

TEST(DecodeOutput, CountsWhatWasNeverWritten) {
  const std::vector<std::uint16_t> out{0x3c00, kPoison16, kNan16};
  const std::vector<std::uint32_t> lse{kPoison32, 0};
  const Output o = decode_output(out, lse, api::Dtype::f16);
  EXPECT_EQ(o.unwritten, 2);
  EXPECT_TRUE(std::isnan(o.out[1]) && std::isnan(o.out[2]) && std::isnan(o.lse[0]));
}

}  // namespace
}  // namespace mlawave::workload
