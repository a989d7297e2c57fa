#include "harness/plan/plan.h"

#include <gtest/gtest.h>

#include <set>

namespace mlawave::plan {
namespace {

config::SweepConfig every_axis() {
  config::SweepConfig c;
  c.backends = {api::Backend::cuda, api::Backend::cpu};
  c.schedules = {schedule::Kind::stream_k, schedule::Kind::wave, schedule::Kind::split_kv,
                 schedule::Kind::balanced};
  c.sms = {76, 132};
  c.chunks = {128, 256};
  c.splits = {4, 8};
  c.heads = {16, 128};
  c.s_q = {1, 2};
  c.batches = {1, 4};
  c.dtypes = {api::Dtype::f16, api::Dtype::bf16};
  c.layouts = {api::Layout::rope_nope, api::Layout::nope_rope};
  c.page_sizes = {0, 64};
  c.caches = {config::Cache::cold, config::Cache::hot};
  c.n_kv = {256, 19456, 0};
  c.ragged = {{4641, 45118, 1730, 1696}};
  return c;
}

std::set<std::string> ids_of(const Plan& plan) {
  std::set<std::string> ids;
  for (std::size_t i = 0; i < plan.size(); ++i) ids.insert(plan.at(i).id());
  return ids;
}

TEST(Plan, OfPullRequest408) {
  config::SweepConfig c;
  for (std::int64_t n = 256; n <= 66560; n += 256) c.n_kv.push_back(n);
  c.sms = {76};
  const Plan plan(c);
  ASSERT_EQ(plan.size(), 520u);
  EXPECT_EQ(plan.at(0).id(), "cuda/baseline/stream_k/c256/sms76/b1/n256/h16/q1/f16/rope_nope/cold");
  EXPECT_EQ(plan.at(519).id(),
            "cuda/tile_reuse/stream_k/c256/sms76/b1/n66560/h16/q1/f16/rope_nope/cold");
}

TEST(Plan, EveryCombinationOnce) {
  const Plan plan(every_axis());
  // 2 kernels × (2 chunks × (stream_k, wave, split_kv at 4 and at 8), balanced) of a workload.
  const std::size_t variants = 2 * (2 * 4 + 1);
  const std::size_t problems = 2 * 3 + 1;
  const std::size_t settings = 2 * 2 * 2 * 2 * 2 * 2 * 2 * 2;
  EXPECT_EQ(plan.size(), variants * problems * settings);
  EXPECT_EQ(ids_of(plan).size(), plan.size());
}

TEST(Plan, RaggedBatchKnowsItsSizeAndLongest) {
  config::SweepConfig c;
  c.ragged = {{4641, 45118, 1730, 1696}};
  const Case row = Plan(c).at(0);
  EXPECT_EQ(row.batch, 4);
  EXPECT_EQ(row.n_kv, 45118);
  EXPECT_EQ(row.problem().total_kv(), 53185);
}

TEST(Plan, WorkloadsAreTheCasesThatShareTensors) {
  const Plan plan(every_axis());
  std::set<std::string> seen;
  std::set<std::size_t> cases;
  for (const Workload& w : plan.workloads()) {
    const std::string id = plan.at(w.first).workload_id();
    EXPECT_TRUE(seen.insert(id).second) << id;
    for (std::size_t i = w.first; i < w.first + w.count; ++i) {
      EXPECT_EQ(plan.at(i).workload_id(), id);
      cases.insert(i);
    }
  }
  EXPECT_EQ(cases.size(), plan.size());
}

TEST(Plan, OrderFollowsTheSeedAlone) {
  config::SweepConfig c;
  c.kernels = {"baseline"};
  for (std::int64_t n = 0; n < 8; ++n) c.n_kv.push_back(n);
  const auto order = [&](std::uint64_t seed) {
    c.policy.seed = seed;
    std::vector<std::size_t> firsts;
    for (const Workload& w : Plan(c).workloads()) firsts.push_back(w.first);
    return firsts;
  };
  EXPECT_EQ(order(408), order(408));
  EXPECT_NE(order(408), order(409));
  // std::mt19937_64 is fixed by the standard, so this order holds on every platform.
  EXPECT_EQ(order(1), (std::vector<std::size_t>{4, 6, 3, 5, 1, 7, 2, 0}));
}

TEST(Plan, AroundBoundariesAddsPointsPerSetting) {
  config::SweepConfig c;
  c.kernels = {"tile_reuse"};
  c.n_kv = {1024, 40000};
  c.sms = {76, 132};
  c.batches = {1, 2};
  c.around_boundaries = true;
  std::multiset<std::string> got;
  const Plan plan(c);
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const Case row = plan.at(i);
    got.insert(std::to_string(row.sms) + "/" + std::to_string(row.batch) + "/" +
               std::to_string(row.n_kv));
  }
  std::multiset<std::string> expected;
  const auto expect = [&](const std::string& prefix, std::vector<int> points) {
    points.insert(points.end(), {1024, 40000});
    for (int n : points) expected.insert(prefix + std::to_string(n));
  };
  expect("76/1/", {19200, 19456, 19457, 19712, 38656, 38912, 38913, 39168});
  expect("132/1/", {33536, 33792, 33793, 34048});
  // Two requests: half as many tokens each.
  expect("76/2/", {9472, 9728, 9729, 9984, 19200, 19456, 19457, 19712, 28928, 29184, 29185, 29440,
                   38656, 38912, 38913, 39168});
  expect("132/2/", {16640, 16896, 16897, 17152, 33536, 33792, 33793, 34048});
  EXPECT_EQ(got, expected);
  EXPECT_EQ(ids_of(plan).size(), plan.size());
}

TEST(Plan, AroundBoundariesAsksTheKernels) {
  config::SweepConfig c;
  c.kernels = {"tile_reuse"};
  c.n_kv = {1, 40000};
  c.sms = {76};
  c.around_boundaries = true;
  const Plan plan(c, [](const SlotsQuery& q) { return Slots{2 * q.sms, 1}; });
  EXPECT_EQ(plan.size(), 2u + 4u);
  EXPECT_EQ(plan.at(2).n_kv, 38912);
}

TEST(Plan, WithoutBackendsThereIsNothing) {
  config::SweepConfig c;
  c.backends.clear();
  c.n_kv = {1};
  EXPECT_EQ(Plan(c).size(), 0u);
  EXPECT_TRUE(Plan(c).workloads().empty());
}

// Every third case of a sweep, shuffled and with doubles.
TEST(Plan, OfCasesOneByOne) {
  const Plan all(every_axis());
  std::vector<Case> cases;
  std::set<std::string> wanted;
  for (std::size_t i = 0; i < all.size(); i += 3)
    if (all.at(i).ragged.empty()) {
      cases.insert(i % 2 == 0 ? cases.begin() : cases.end(), all.at(i));
      wanted.insert(all.at(i).id());
    }
  cases.push_back(cases.front());
  config::SweepConfig base = every_axis();
  base.around_boundaries = true;
  base.policy.seed = 7;
  const Plan plan(base, cases);
  EXPECT_EQ(plan.size(), wanted.size());
  EXPECT_EQ(ids_of(plan), wanted);
  EXPECT_EQ(plan.config().policy.seed, 7u);
  EXPECT_FALSE(plan.config().around_boundaries);
  EXPECT_EQ(plan.config().chunks, (std::vector{128, 256}));
  EXPECT_TRUE(plan.config().ragged.empty());
  std::size_t covered = 0;
  for (const Workload& w : plan.workloads()) {
    covered += w.count;
    for (std::size_t i = w.first; i < w.first + w.count; ++i)
      EXPECT_EQ(plan.at(i).workload_id(), plan.at(w.first).workload_id());
  }
  EXPECT_EQ(covered, plan.size());
}

}  // namespace
}  // namespace mlawave::plan
