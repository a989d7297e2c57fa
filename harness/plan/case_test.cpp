#include "harness/plan/case.h"

#include <gtest/gtest.h>

namespace mlawave::plan {
namespace {

Case pr408_row() {
  Case c;
  c.kernel = "tile_reuse";
  c.sms = 76;
  c.n_kv = 19456;
  return c;
}

TEST(Case, IdIsReadable) {
  EXPECT_EQ(pr408_row().id(),
            "cuda/tile_reuse/stream_k/c256/sms76/b1/n19456/h16/q1/f16/rope_nope/cold");
  EXPECT_EQ(pr408_row().workload_id(), "cuda/sms76/b1/n19456/h16/q1/f16/rope_nope/cold");
}

TEST(Case, SeriesIdLeavesTheLengthOut) {
  EXPECT_EQ(pr408_row().series_id(),
            "cuda/tile_reuse/stream_k/c256/sms76/b1/h16/q1/f16/rope_nope/cold");
}

TEST(Case, IdNamesSplitsAndScaleOnlyWhereTheyCount) {
  Case c = pr408_row();
  c.policy.splits = 8;
  EXPECT_EQ(c.id(), pr408_row().id());
  c.policy.kind = schedule::Kind::split_kv;
  EXPECT_EQ(c.id(), "cuda/tile_reuse/split_kv8/c256/sms76/b1/n19456/h16/q1/f16/rope_nope/cold");
  c.scale = 0.125f;
  EXPECT_EQ(c.workload_id(), "cuda/sms76/b1/n19456/h16/q1/f16/rope_nope/cold/scale0.125");
}

TEST(Case, BalancedHasNoChunkToChoose) {
  Case c = pr408_row();
  c.policy = {schedule::Kind::balanced, schedule::kGranule, 16};
  EXPECT_EQ(c.id(), "cuda/tile_reuse/balanced/sms76/b1/n19456/h16/q1/f16/rope_nope/cold");
  EXPECT_EQ(c.sweep_flags().find("--chunk"), std::string::npos);
}

// So that a sweep resumes, and a series stays one when the choice changes along it.
TEST(Case, IdNamesTheKernelThatWasAskedFor) {
  Case c = pr408_row();
  c.kernel = "auto";
  const Case before = c;
  c.kernel = "tile_reuse_sm90_t";
  c.chosen_by = "auto: 16 query rows";
  EXPECT_EQ(c.id(), "cuda/auto/stream_k/c256/sms76/b1/n19456/h16/q1/f16/rope_nope/cold");
  EXPECT_EQ(c.id(), before.id());
  EXPECT_EQ(c.series_id(), before.series_id());
  EXPECT_EQ(c.sweep_flags(), before.sweep_flags());
}

TEST(Case, IdNamesPagesOnlyWhereThereAreAny) {
  Case c = pr408_row();
  c.page_size = 64;
  EXPECT_EQ(c.id(),
            "cuda/tile_reuse/stream_k/c256/sms76/b1/n19456/h16/q1/f16/rope_nope/cold/page64");
  EXPECT_NE(c.workload_id(), pr408_row().workload_id());
  EXPECT_NE(c.series_id(), pr408_row().series_id());
  EXPECT_EQ(c.problem().page_size, 64);
  EXPECT_NE(c.sweep_flags().find(" --page-size 64"), std::string::npos);
}

TEST(Case, IdOfARaggedBatch) {
  Case c = pr408_row();
  c.ragged = {4641, 45118, 1730, 1696};
  c.batch = 4;
  c.n_kv = 45118;
  EXPECT_EQ(c.workload_id(), "cuda/sms76/b4/n4641+45118+1730+1696/h16/q1/f16/rope_nope/cold");
  c.ragged.assign(100, 7);
  c.batch = 100;
  Case other = c;
  other.ragged[99] = 8;
  EXPECT_LT(c.id().size(), 120u);
  EXPECT_NE(c.id(), other.id());
}

TEST(Case, ProblemHasOneLengthPerRequest) {
  Case c = pr408_row();
  c.batch = 3;
  EXPECT_EQ(c.problem().n_kv, (std::vector<std::int64_t>{19456, 19456, 19456}));
  c.ragged = {1, 2, 0};
  EXPECT_EQ(c.problem().n_kv, (std::vector<std::int64_t>{1, 2, 0}));
  EXPECT_EQ(c.problem().heads, 16);
}

TEST(Case, SweepFlagsNameEveryAxis) {
  EXPECT_EQ(pr408_row().sweep_flags(),
            "--backend cuda --kernel tile_reuse --schedule stream_k --chunk 256 --sms 76 --batch 1 "
            "--n-kv 19456 --heads 16 --s-q 1 --dtype f16 --layout rope_nope --cache cold");
}

}  // namespace
}  // namespace mlawave::plan
