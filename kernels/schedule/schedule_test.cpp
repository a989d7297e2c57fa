#include "kernels/schedule/schedule.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "kernels/schedule/balance.h"

namespace mlawave::schedule {
namespace {

struct Setting {
  Policy policy;
  std::vector<std::int64_t> n_kv;
  int n_tiles = 1;
  int slots = 1;
};

Setting any_setting() {
  Setting d;
  d.policy.kind = *rc::gen::element(Kind::stream_k, Kind::wave, Kind::split_kv, Kind::balanced);
  d.policy.chunk = d.policy.kind == Kind::balanced ? kGranule : 32 * *rc::gen::inRange(1, 129);
  d.policy.splits = *rc::gen::inRange(1, 64);
  const std::int64_t longest = d.policy.kind == Kind::balanced ? 2000 : 20000;
  d.n_kv =
      *rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, longest));
  d.n_tiles = *rc::gen::inRange(1, 9);
  d.slots = *rc::gen::inRange(1, 600);
  return d;
}

using UnitId = std::tuple<int, int, std::int64_t>;  // request, tile, chunk

RC_GTEST_PROP(ScheduleProperty, EveryUnitExactlyOnceAndEveryPartFound, ()) {
  const Setting d = any_setting();
  const Work work(d.policy, d.n_kv, d.n_tiles, d.slots);
  const WorkView view = work.view();
  std::set<UnitId> seen;
  std::map<std::pair<int, int>, std::vector<std::int64_t>> partials_written;
  std::set<std::int64_t> partial_ids;
  std::int64_t busiest = 0;
  for (int slot = 0; slot < d.slots; ++slot) {
    std::int64_t load = 0;
    Segment s;
    for (SlotWalk walk(view, slot); walk.next(s);) {
      RC_ASSERT(s.count > 0);
      load += s.count;
      for (std::int64_t i = 0; i < s.count; ++i)
        RC_ASSERT(seen.insert({s.request, s.tile, s.begin + i * s.stride}).second);
      if (s.partial < 0) {
        RC_ASSERT(s.count == view.chunks(s.request));
        RC_ASSERT(parts_of(view, s.request, s.tile).count == 1);
      } else {
        RC_ASSERT(s.partial < work.partial_slots());
        RC_ASSERT(partial_ids.insert(s.partial).second);
        partials_written[{s.request, s.tile}].push_back(s.partial);
      }
    }
    busiest = std::max(busiest, load);
  }
  std::int64_t units = 0;
  for (std::int64_t n : d.n_kv) units += ceil_div(n, d.policy.chunk) * d.n_tiles;
  RC_ASSERT(static_cast<std::int64_t>(seen.size()) == units);
  RC_ASSERT(work.units() == units);
  RC_ASSERT(work.max_load() == busiest);
  if (has_boundaries(d.policy.kind)) RC_ASSERT(busiest == ceil_div(units, d.slots));
  RC_ASSERT(work.partials() == static_cast<std::int64_t>(partial_ids.size()));

  // What the combine looks up is what the slots wrote.
  for (int r = 0; r < view.batch; ++r)
    for (int t = 0; t < d.n_tiles; ++t) {
      std::vector<std::int64_t> expected;
      if (const Parts parts = parts_of(view, r, t); parts.count > 1)
        for (std::int64_t k = 0; k < parts.count; ++k) expected.push_back(parts.at(k));
      auto written = partials_written[{r, t}];
      std::sort(written.begin(), written.end());
      std::sort(expected.begin(), expected.end());
      RC_ASSERT(written == expected);
    }
}

RC_GTEST_PROP(ScheduleProperty, LoadStepsExactlyAfterTheBoundary, ()) {
  const Kind kind = *rc::gen::element(Kind::stream_k, Kind::wave);
  const int chunk = 32 * *rc::gen::inRange(1, 65);
  const int slots = *rc::gen::inRange(1, 600);
  const int n_tiles = *rc::gen::inRange(1, 9);
  const std::int64_t m = *rc::gen::inRange(1, 50);
  const std::int64_t at = boundary(m, chunk, slots, n_tiles);
  const auto max_load = [&](std::int64_t n_kv) {
    return Work({kind, chunk, 1}, {n_kv}, n_tiles, slots).max_load();
  };
  RC_ASSERT(max_load(at) <= m);
  RC_ASSERT(max_load(at + 1) > m);
}

TEST(Schedule, BoundariesOfPullRequest408) {
  // ik_llama.cpp PR 408: RTX 4080, 76 SMs, one head tile, chunks of 256 tokens, one CTA per SM.
  EXPECT_EQ(boundary(1, 256, 76, 1), 19456);
  EXPECT_EQ(boundary(2, 256, 76, 1), 38912);
  EXPECT_EQ(boundary(3, 256, 76, 1), 58368);
  EXPECT_EQ(boundary(1, 256, 132, 1), 33792);
  EXPECT_EQ(boundary(1, 256, 132 * 4, 8), 16896);
  EXPECT_EQ(boundary(1, 256, 84 * 2, 6), 7168);
}

TEST(Schedule, StreamKDealsContiguousRanges) {
  const Work work({Kind::stream_k, 256, 1}, {5 * 256}, 1, 2);
  Segment s;
  SlotWalk first(work.view(), 0);
  ASSERT_TRUE(first.next(s));
  EXPECT_EQ(s.begin, 0);
  EXPECT_EQ(s.count, 2);
  EXPECT_FALSE(first.next(s));
  SlotWalk second(work.view(), 1);
  ASSERT_TRUE(second.next(s));
  EXPECT_EQ(s.begin, 2);
  EXPECT_EQ(s.count, 3);
  EXPECT_EQ(work.max_load(), 3);
}

TEST(Schedule, WaveDealsRoundRobin) {
  const Work work({Kind::wave, 256, 1}, {5 * 256}, 1, 2);
  Segment s;
  SlotWalk walk(work.view(), 1);
  ASSERT_TRUE(walk.next(s));
  EXPECT_EQ(s.begin, 1);
  EXPECT_EQ(s.count, 2);
  EXPECT_EQ(s.stride, 2);
}

std::int64_t busiest_tokens(std::int64_t n_kv, int slots) {
  return Work({Kind::balanced, kGranule, 1}, {n_kv}, 1, slots).max_load() * kGranule;
}

TEST(Schedule, BalancedRangesGrowByGranules) {
  // Where stream_k with chunk 256 goes from 256 to 512 tokens on the busiest of 76 slots.
  EXPECT_EQ(busiest_tokens(19456, 76), 256);
  EXPECT_EQ(busiest_tokens(19457, 76), 264);
  EXPECT_EQ(busiest_tokens(38913, 76), 520);
}

TEST(Schedule, BalancedGivesOneWholeTileWhereOneIsEnough) {
  // 74 slots with 56 tokens each were 0.7 µs slower on an H100: a short tile is nine copies.
  const Work work({Kind::balanced, kGranule, 1}, {4096}, 1, 132);
  EXPECT_EQ(work.max_load() * kGranule, 64);
  EXPECT_EQ(work.partials(), 64);
}

RC_GTEST_PROP(ScheduleProperty, NoBalancedRangeCostsMoreThanAllowed, ()) {
  const auto n_kv =
      *rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, 2000));
  const int n_tiles = *rc::gen::inRange(1, 9), slots = *rc::gen::inRange(1, 600);
  const BalanceCost cost = balance_cost(*rc::gen::element(16, 64));
  const Work work({Kind::balanced, kGranule, 1}, n_kv, n_tiles, slots);
  WorkView view = work.view();
  std::vector<std::int64_t> begins(slots + 1);
  const std::int64_t most = ceil_div(total_cost(view, cost), slots) + *rc::gen::inRange(0, 200);
  const Deal dealt = deal(view, cost, most, begins.data());
  if (!dealt.fits) return;
  view.range_begin = begins.data(), view.ranges = dealt.ranges;
  for (int slot = 0; slot < slots; ++slot) {
    std::int64_t costs = 0;
    Segment s;
    for (SlotWalk walk(view, slot); walk.next(s);)
      costs += cost.segment + cost_of(s.count) + (s.partial >= 0 ? cost.cut : 0);
    RC_ASSERT(costs <= most);
  }
}

TEST(Schedule, BalancedSpreadsSlotsWithoutWorkAsStreamKDoes) {
  const Work balanced({Kind::balanced, kGranule, 1}, {4096}, 1, 132);
  const Work stream_k({Kind::stream_k, 64, 1}, {4096}, 1, 132);
  for (int slot = 0; slot < 132; ++slot) {
    Segment a, b;
    const bool works = SlotWalk(balanced.view(), slot).next(a);
    ASSERT_EQ(works, SlotWalk(stream_k.view(), slot).next(b)) << slot;
    if (works) {
      EXPECT_EQ(a.begin * kGranule, b.begin * 64) << slot;
    }
  }
}

TEST(Schedule, BalancedGivesFewSlotsWholeTilesWhereTheMemoryIsTheBound) {
  // tile_reuse_sm90_t on an H100: 132 slots took as long as 88 and left more to combine.
  const int memory = memory_thousandths(1460, 3016);
  EXPECT_EQ(memory, 25);
  for (std::int64_t n_kv : {67584, 67840}) {
    const Work work({Kind::balanced, kGranule, 1}, {n_kv}, 1, 132, 16, memory);
    EXPECT_EQ(work.max_load() * kGranule, 12 * 64) << n_kv;
  }
  // 76 of them are too few to leave any out: fewer do not get what the memory has.
  EXPECT_EQ(Work({Kind::balanced, kGranule, 1}, {19457}, 1, 76, 16, memory).max_load() * kGranule,
            264);
  EXPECT_EQ(memory_thousandths(0, 3016), 0);
  EXPECT_EQ(memory_thousandths(1460, 0), 0);
}

TEST(Schedule, BalancedDoesNotCutForLittle) {
  // 132 slots could share 128 equal requests, but would cut each of them to save 3 %.
  EXPECT_EQ(
      Work({Kind::balanced, kGranule, 1}, std::vector<std::int64_t>(128, 4096), 1, 132).partials(),
      0);
  // 64 rows a CTA, two or four CTAs a slot, on an H200: cutting cost 12 of 235 us at 4096 tokens
  // (tile_reuse_sm90_q/README.md), and saved 108 of 3782 at 32768 with two new tokens (in bf16 25
  // of 3670; results/h200/limit_batch128_two_tokens).
  const auto partials = [](std::int64_t n_kv, int slots) {
    const Policy policy{Kind::balanced, kGranule, 1};
    return Work(policy, std::vector<std::int64_t>(128, n_kv), 1, slots, 64).partials();
  };
  EXPECT_EQ(partials(4096, 66), 0);
  EXPECT_GT(partials(32768, 33), 0);
}

TEST(Schedule, BalancedCutsTheLongRequestOfARaggedBatch) {
  const std::vector<std::int64_t> n_kv{4641, 45118, 1730, 1696};  // ThunderMLA's ragged batch
  const Work work({Kind::balanced, kGranule, 1}, n_kv, 4, 132);
  const std::int64_t mean = 4 * (4641 + 45118 + 1730 + 1696) / 132;
  EXPECT_LE(work.max_load() * kGranule, mean + mean / 20);
  EXPECT_GT(work.partials(), 0);
}

TEST(Schedule, BalancedOfOneSlotIsEverythingUncut) {
  const Work work({Kind::balanced, kGranule, 1}, {1000, 0, 3}, 2, 1);
  EXPECT_EQ(work.max_load(), 2 * (125 + 1));
  EXPECT_EQ(work.partials(), 0);
}

TEST(Schedule, EmptyRequestsTakeNoWork) {
  const Work work({Kind::stream_k, 64, 1}, {0, 0}, 3, 7);
  EXPECT_EQ(work.units(), 0);
  EXPECT_EQ(work.max_load(), 0);
  EXPECT_EQ(work.partials(), 0);
  EXPECT_EQ(parts_of(work.view(), 0, 0).count, 0);
  Segment s;
  EXPECT_FALSE(SlotWalk(work.view(), 3).next(s));
}

static_assert(boundary(1, 256, 76, 1) == 19456, "the schedule is usable at compile time");

}  // namespace
}  // namespace mlawave::schedule
