#include "harness/config/canonical.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/config/read.h"

namespace mlawave::config {
namespace {

const KnownNames kKernels{{"baseline", "tile_reuse"}, ""};

SweepConfig read(const std::string& json) { return parse(json, "x.json", kKernels); }

TEST(Canonical, ReadsBackAsTheSameConfig) {
  const SweepConfig c =
      read(R"({"backend": "cpu", "n_kv": ["256:66560:256", 7], "ragged": [[3, 1, 2]],
      "sms": "all,76", "scale": 0.1, "page_size": "contiguous,64", "cache": "hot", "policy": {"timing": "graph", "seed": 3}})");
  const auto json = to_json(c);
  EXPECT_EQ(json["n_kv"], nlohmann::json::parse(R"(["256:66560:256", 7])"));
  EXPECT_EQ(to_json(read(json.dump())), json);
  EXPECT_EQ(read(json.dump()).scale, 0.1f);
  EXPECT_EQ(read(json.dump()).ragged, c.ragged);
}

TEST(Canonical, HashTellsRunsApartButNotTheirNames) {
  const std::string hash = config_hash(read(R"({"n_kv": "256:1024:256"})"));
  EXPECT_EQ(hash.size(), 16u);
  EXPECT_EQ(config_hash(read(R"({"n_kv": [256, 512, 768, 1024], "name": "b", "description": "x",
                                 "policy": {"max_time_s": 9}})")),
            hash);
  EXPECT_NE(config_hash(read(R"({"n_kv": "256:1280:256"})")), hash);
  EXPECT_NE(config_hash(read(R"({"n_kv": "256:1024:256", "policy": {"seed": 1}})")), hash);
  EXPECT_NE(config_hash(read(R"({"n_kv": "256:1024:256", "page_size": 64})")), hash);
  EXPECT_NE(config_hash(read(R"({"n_kv": "256:1024:256", "policy": {"idle_ms": 1}})")), hash);
}

// results/h100-80gb-hbm3/wide, from before there were pages: still resumed by this program.
TEST(Canonical, HashOfAnOlderRunStays) {
  SweepConfig c;
  c.kernels = {"tile_reuse_sm90", "tile_reuse_sm90_t"};
  c.heads = {64, 128};
  c.chunks = {64};
  c.n_kv = {16384, 65536};
  c.policy.timing = Timing::graph;
  c.policy.phases = true;
  EXPECT_EQ(config_hash(c), "89ab29702c80c9a6");
}

}  // namespace
}  // namespace mlawave::config
