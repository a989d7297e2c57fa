#include "harness/config/axis_text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace mlawave::config {
namespace {

using Values = std::vector<std::int64_t>;

std::string axis_error(const std::string& text) {
  try {
    expand_axis(text);
  } catch (const AxisError& e) {
    return e.item + ": " + e.what();
  }
  return "no error";
}

TEST(ExpandAxis, RangesListsAndMixes) {
  EXPECT_EQ(expand_axis("7"), (Values{7}));
  EXPECT_EQ(expand_axis("76,82, 132"), (Values{76, 82, 132}));
  EXPECT_EQ(expand_axis("1:4"), (Values{1, 2, 3, 4}));
  EXPECT_EQ(expand_axis("256:1024:256"), (Values{256, 512, 768, 1024}));
  EXPECT_EQ(expand_axis("0:10:4"), (Values{0, 4, 8}));
  EXPECT_EQ(expand_axis("5:5:1"), (Values{5}));
  EXPECT_EQ(expand_axis("1,10:30:10,99"), (Values{1, 10, 20, 30, 99}));
  EXPECT_EQ(expand_axis("256:66560:256").size(), 260u);
}

TEST(ExpandAxis, SaysWhichItemIsWrong) {
  const std::string expected = "an integer or a range start:stop:step";
  EXPECT_EQ(axis_error(""), ": " + expected);
  EXPECT_EQ(axis_error("1,,2"), ": " + expected);
  EXPECT_EQ(axis_error("12k"), "12k: " + expected);
  EXPECT_EQ(axis_error("1.5"), "1.5: " + expected);
  EXPECT_EQ(axis_error("nan"), "nan: " + expected);
  EXPECT_EQ(axis_error("1:2:3:4"), "1:2:3:4: " + expected);
  EXPECT_EQ(axis_error("1:2:"), "1:2:: " + expected);
  EXPECT_EQ(axis_error("9:1:1"), "9:1:1: a range whose start is not above its stop");
  EXPECT_EQ(axis_error("1:9:0"), "1:9:0: a step of at least 1");
  EXPECT_EQ(axis_error("1:9:-1"), "1:9:-1: a step of at least 1");
}

TEST(ExpandAxis, StaysSmallWhateverIsAsked) {
  EXPECT_EQ(axis_error("1:10000001"), "1:10000001: at most 10000000 points");
  EXPECT_EQ(axis_error("1:6000000,1:6000000"), "1:6000000: at most 10000000 points");
  EXPECT_EQ(axis_error("-9223372036854775808:9223372036854775807:1"),
            "-9223372036854775808:9223372036854775807:1: at most 10000000 points");
  EXPECT_EQ(axis_error("9223372036854775808"), "9223372036854775808: a number of at most 63 bits");
  EXPECT_EQ(expand_axis("-9223372036854775808:9223372036854775807:9223372036854775807"),
            (Values{INT64_MIN, -1, INT64_MAX - 1}));
}

TEST(CompressAxis, WritesRunsAsRanges) {
  using Items = std::vector<std::string>;
  EXPECT_EQ(compress_axis({1, 2}), (Items{"1", "2"}));
  EXPECT_EQ(compress_axis({256, 512, 768, 1000}), (Items{"256:768:256", "1000"}));
  EXPECT_EQ(compress_axis({3, 2, 1}), (Items{"3", "2", "1"}));
}

RC_GTEST_PROP(AxisProperty, CompressedTextExpandsToTheSameValues, (const std::vector<int>& ints)) {
  const Values values(ints.begin(), ints.end());
  Values back;
  for (const std::string& item : compress_axis(values))
    for (std::int64_t v : expand_axis(item)) back.push_back(v);
  RC_ASSERT(back == values);
}

}  // namespace
}  // namespace mlawave::config
