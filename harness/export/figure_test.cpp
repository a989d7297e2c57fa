#include "harness/export/figure.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

namespace mlawave::exporting {
namespace {

record::Record curve_row(const std::string& kernel, std::int64_t n_kv, double time_us) {
  record::Record r;
  r.what.kernel = kernel;
  r.what.n_kv = n_kv;
  r.what.policy.chunk = 256;
  r.status = record::Status::ok;
  r.partition.sms = 76;
  r.plan.slots = 76;
  r.plan.n_tiles = 1;
  r.summary = {time_us, time_us - 1, time_us + 1, 0.1, 9};
  return r;
}

std::vector<std::string> labels(const record::Record& r, std::int64_t lo, std::int64_t hi) {
  std::vector<std::string> found;
  for (const Boundary& b : predicted_boundaries(r, lo, hi)) found.push_back(b.label);
  return found;
}

TEST(PredictedBoundaries, AreLabelledWithTheirProduct) {
  EXPECT_EQ(labels(curve_row("tile_reuse", 256, 10), 256, 40000),
            (std::vector<std::string>{"1 × 76 × 256 = 19456", "2 × 76 × 256 = 38912"}));
}

TEST(PredictedBoundaries, DivideByTheTiles) {
  record::Record r = curve_row("tile_reuse", 256, 10);
  r.plan.slots = 528;
  r.plan.n_tiles = 8;
  EXPECT_EQ(labels(r, 1, 17000), (std::vector<std::string>{"1 × 528 × 256 / 8 = 16896"}));
  r.plan.slots = 132;  // 16.5 chunks: a boundary is a whole number of them
  EXPECT_EQ(labels(r, 1, 4300), (std::vector<std::string>{"⌊1 × 132 / 8⌋ × 256 = 4096"}));
}

TEST(PredictedBoundaries, NoneForSplitsAndRaggedBatches) {
  record::Record r = curve_row("tile_reuse", 256, 10);
  r.what.policy.kind = schedule::Kind::split_kv;
  EXPECT_TRUE(predicted_boundaries(r, 1, 100000).empty());
  r = curve_row("tile_reuse", 256, 10);
  r.what.ragged = {1, 2};
  EXPECT_TRUE(predicted_boundaries(r, 1, 100000).empty());
}

TEST(Figure, HoldsOneSeriesForEachKernelWithSortedPoints) {
  record::Run run;
  run.info.devices.push_back({});
  run.info.devices.back().name = "Test GPU";
  run.records = {curve_row("b", 20480, 20), curve_row("b", 256, 10), curve_row("a", 256, 8)};
  run.records.push_back(curve_row("a", 512, 9));
  run.records.back().status = record::Status::failed;
  std::ostringstream out;
  write_figure(out, run);
  const auto figure = nlohmann::json::parse(out.str());
  EXPECT_EQ(figure["subtitle"],
            "Test GPU, stream_k, 16 heads, batch 1, s_q 1, f16, rope_nope, cold");
  ASSERT_EQ(figure["series"].size(), 2u);
  EXPECT_EQ(figure["series"][0]["name"], "a, 76 SMs, chunk 256");
  EXPECT_EQ(figure["series"][0]["points"].size(), 1u);
  const auto& b = figure["series"][1];
  EXPECT_EQ(b["points"][0]["n_kv"], 256);
  EXPECT_EQ(b["points"][1]["time_us"], 20);
  EXPECT_DOUBLE_EQ(b["points"][1]["tokens_per_s"], 50000);
  EXPECT_EQ(b["boundaries"][0]["n_kv"], 19456);
}

}  // namespace
}  // namespace mlawave::exporting
