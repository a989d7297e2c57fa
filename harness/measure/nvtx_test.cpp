#include "harness/measure/nvtx.h"

#include <gtest/gtest.h>

namespace mlawave::measure {
namespace {

TEST(RangeText, HasNoCharacterThatFiltersRead) {
  EXPECT_EQ(range_text("cpu/baseline/stream_k/c256/b4/n4641+45118/scale0.1"),
            "cpu.baseline.stream_k.c256.b4.n4641-45118.scale0.1");
  EXPECT_EQ(range_text("a@b,c[d]e*f\\g$h"), "a-b-c-d-e-f-g-h");
}

}  // namespace
}  // namespace mlawave::measure
