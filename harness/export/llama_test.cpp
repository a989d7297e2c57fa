#include "harness/export/llama.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "harness/import/read.h"

namespace mlawave::exporting {
namespace {

record::Record bench_row(const std::string& kernel, std::int64_t n_kv, double time_us) {
  record::Record r;
  r.what.kernel = kernel;
  r.what.sms = 76;
  r.what.n_kv = n_kv;
  r.what.batch = 2;
  r.status = record::Status::ok;
  r.samples = {{time_us - 1, 1980, false}, {time_us + 1, 1980, false}, {900, 700, true}};
  r.summary = {time_us, time_us - 1, time_us + 1, 1, 2};
  return r;
}

std::vector<record::Record> two_series() {
  std::vector<record::Record> rows{
      bench_row("tile_reuse", 19712, 25), bench_row("baseline", 256, 10),
      bench_row("tile_reuse", 19456, 20), bench_row("tile_reuse", 512, 5)};
  rows.back().status = record::Status::wrong;
  return rows;
}

TEST(SweepBench, ATablePerSeriesSortedByLength) {
  std::ostringstream out;
  write_sweep_bench(out, two_series());
  EXPECT_EQ(out.str(),
            "## cuda/tile_reuse/stream_k/c256/sms76/b2/h16/q1/f16/rope_nope/cold\n\n"
            "|    PP |     TG |   N_KV |   T_PP s | S_PP t/s |      T_TG s |    S_TG t/s |\n"
            "|-------|--------|--------|----------|----------|-------------|-------------|\n"
            "|     0 |      2 |  19456 |    0.000 |     0.00 | 0.000020000 |   100000.00 |\n"
            "|     0 |      2 |  19712 |    0.000 |     0.00 | 0.000025000 |    80000.00 |\n"
            "\n"
            "## cuda/baseline/stream_k/c256/sms76/b2/h16/q1/f16/rope_nope/cold\n\n"
            "|    PP |     TG |   N_KV |   T_PP s | S_PP t/s |      T_TG s |    S_TG t/s |\n"
            "|-------|--------|--------|----------|----------|-------------|-------------|\n"
            "|     0 |      2 |    256 |    0.000 |     0.00 | 0.000010000 |   200000.00 |\n");
}

TEST(SweepBench, OurOwnImporterReadsItBack) {
  std::stringstream text;
  write_sweep_bench(text, two_series());
  const auto tables = importer::read_stream(text, "export.md");
  ASSERT_EQ(tables.size(), 2u);
  ASSERT_EQ(tables[0].rows.size(), 2u);
  EXPECT_EQ(tables[0].rows[0].n_kv, 19456);
  EXPECT_EQ(tables[0].tg, 2);
  EXPECT_NEAR(tables[0].rows[0].time_us, 10, 1e-9);  // of a token: two were made in 20 µs
}

TEST(LlamaBench, DepthTimesAndSamples) {
  std::ostringstream out;
  record::RunInfo run;
  run.devices.resize(1);
  run.devices[0].name = "NVIDIA H100";
  write_llama_bench(out, two_series(), run);
  const auto json = nlohmann::json::parse(out.str());
  ASSERT_EQ(json.size(), 3u);
  EXPECT_EQ(json[0]["n_depth"], 19456);
  EXPECT_EQ(json[0]["n_gen"], 2);
  EXPECT_EQ(json[0]["avg_ns"], 20000);
  EXPECT_EQ(json[0]["stddev_ns"], 1414);
  EXPECT_EQ(json[0]["samples_ns"], nlohmann::json::parse("[19000, 21000]"));
  EXPECT_EQ(json[0]["gpu_info"], "NVIDIA H100");
}

}  // namespace
}  // namespace mlawave::exporting
