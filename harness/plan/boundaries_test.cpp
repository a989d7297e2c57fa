#include "harness/plan/boundaries.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "harness/config/bad_input.h"
#include "kernels/schedule/schedule.h"

namespace mlawave::plan {
namespace {

using Ints = std::vector<std::int64_t>;

TEST(Boundaries, OfPullRequest408) {
  // ik_llama.cpp PR 408: 76 SMs, chunks of 256 tokens, 16 heads in one tile.
  EXPECT_EQ(
      points_around_boundaries({256, 76, 1}, 256, 66560),
      (Ints{19200, 19456, 19457, 19712, 38656, 38912, 38913, 39168, 58112, 58368, 58369, 58624}));
}

TEST(Boundaries, StayInsideTheRange) {
  EXPECT_EQ(points_around_boundaries({256, 76, 1}, 19456, 19500), (Ints{19456, 19457}));
  EXPECT_EQ(points_around_boundaries({256, 76, 1}, 19700, 19800), (Ints{19712}));
  EXPECT_EQ(points_around_boundaries({256, 76, 1}, 0, 1000), Ints{});
  EXPECT_EQ(points_around_boundaries({256, 0, 1}, 0, 1000000), Ints{});
}

TEST(Boundaries, MoreTilesThanSlots) {
  EXPECT_EQ(points_around_boundaries({32, 2, 8}, 1, 64), (Ints{32, 33, 64}));
}

TEST(Boundaries, TooManyAreRefusedQuickly) {
  EXPECT_THROW(points_around_boundaries({32, 1, 4194304}, 0, std::int64_t{1} << 32),
               config::BadInput);
}

TEST(Boundaries, SlotsOf16Rows) {
  EXPECT_EQ(slots_of_16_rows({api::Backend::cuda, "x", 76, 16, 1}).slots, 76);
  EXPECT_EQ(slots_of_16_rows({api::Backend::cuda, "x", 76, 16, 1}).n_tiles, 1);
  EXPECT_EQ(slots_of_16_rows({api::Backend::cuda, "x", 0, 20, 4}).n_tiles, 5);
}

RC_GTEST_PROP(BoundariesProperty, HoldEveryStepOfTheSchedule, ()) {
  const int chunk = 32 * *rc::gen::inRange(1, 9);
  const int slots = *rc::gen::inRange(1, 20);
  const int tiles = *rc::gen::inRange(1, 20);
  const std::int64_t lo = *rc::gen::inRange(0, 4000);
  const std::int64_t hi = lo + *rc::gen::inRange(0, 8000);
  const auto points = points_around_boundaries({chunk, slots, tiles}, lo, hi);
  const std::set<std::int64_t> set(points.begin(), points.end());
  const auto load = [&](std::int64_t n) {
    return schedule::ceil_div(schedule::ceil_div(n, chunk) * tiles, slots);
  };
  for (std::int64_t n = std::max<std::int64_t>(lo, 1); n < hi; ++n)
    if (load(n + 1) > load(n)) RC_ASSERT(set.count(n) == 1 && set.count(n + 1) == 1);
}

}  // namespace
}  // namespace mlawave::plan
