#include "harness/config/names.h"

#include <gtest/gtest.h>

namespace mlawave::config {
namespace {

TEST(EditDistance, CountsInsertionsDeletionsAndChanges) {
  EXPECT_EQ(edit_distance("", ""), 0);
  EXPECT_EQ(edit_distance("", "abc"), 3);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3);
  EXPECT_EQ(edit_distance("chunk", "chunks"), 1);
}

TEST(Nearest, FindsTheNameThatWasMeant) {
  const std::vector<std::string> known{"baseline", "tile_reuse", "baseline_separate_v"};
  EXPECT_EQ(nearest("tile-reuse", known), "tile_reuse");
  EXPECT_EQ(nearest("base_line", known), "baseline");
  EXPECT_EQ(nearest("flash_attention", known), std::nullopt);
  EXPECT_EQ(nearest(std::string(100000, 'x'), known), std::nullopt);
  EXPECT_EQ(did_you_mean("tilereuse", known), " (did you mean \"tile_reuse\"?)");
  EXPECT_EQ(did_you_mean("zzzzzzzzzzzz", known), "");
}

TEST(Names, RoundTrip) {
  EXPECT_EQ(parse_cache("cold"), Cache::cold);
  EXPECT_EQ(parse_cache("hot"), Cache::hot);
  EXPECT_EQ(parse_cache("warm"), std::nullopt);
  EXPECT_EQ(parse_timing("graph"), Timing::graph);
  EXPECT_EQ(parse_timing("Batch"), std::nullopt);
}

}  // namespace
}  // namespace mlawave::config
