#include "harness/import/read.h"

#include <gtest/gtest.h>

#include <sstream>

#include "harness/config/bad_input.h"
#include "harness/import/series.h"

namespace mlawave::importer {
namespace {

std::vector<Table> read(const std::string& text, Options options = {}) {
  std::istringstream in(text);
  return read_stream(in, "t.md", options);
}

std::string why_not(const std::string& text) {
  try {
    read(text);
  } catch (const config::BadInput& e) {
    return e.what();
  }
  return "it was read";
}

const std::string kHeader =
    "|    PP |     TG |   N_KV |   T_PP s | S_PP t/s |   T_TG s | S_TG t/s |\n"
    "|-------|--------|--------|----------|----------|----------|----------|\n";

TEST(Read, SweepBenchUsesBothColumns) {
  const auto t = read(kHeader +
                      "|   512 |    128 |      0 |    0.128 |  3994.38 |    0.995 |   128.62 |\n"
                      "|   512 |    128 |    512 |    0.091 |  5635.54 |    1.003 |   127.59 |\n");
  ASSERT_EQ(t.size(), 1u);
  EXPECT_EQ(t[0].tg, 128);
  EXPECT_EQ(t[0].rows[1].line, 4);
  // 128.62 t/s is known to 0.005, so finer than 0.995 s to 0.0005.
  EXPECT_NEAR(t[0].rows[0].time_us, 1e6 / 128.62, 0.4);
}

TEST(Read, JsonLinesOfSweepBench) {
  const auto t = read(
      R"({"n_kv_max":1024,"n_batch":2048,"n_ubatch":512,"flash_attn":1,"n_gpu_layers":99,)"
      R"("n_threads":8,"n_threads_batch":8,"pp":512,"tg":128,"n_kv":0,"t_pp":0.1,"speed_pp":5120,)"
      R"("t_tg":1.28,"speed_tg":100.0})"
      "\n"
      R"({"pp":512,"tg":128,"n_kv":512,"t_pp":0.1,"speed_pp":5120,"t_tg":2.56,"speed_tg":50.0})"
      "\n");
  ASSERT_EQ(t.size(), 1u);
  EXPECT_EQ(t[0].format, Format::sweep_bench);
  ASSERT_EQ(t[0].rows.size(), 2u);
  EXPECT_NEAR(t[0].rows[1].time_us, 20000, 1);
}

TEST(Read, LlamaBenchMarkdown) {
  const auto t = read(
      "ggml_cuda_init: found 1 CUDA devices:\n"
      "  Device 0: NVIDIA GeForce RTX 4080, compute capability 8.9, VMM: yes\n"
      "| model | size | params | backend | ngl | test | t/s |\n"
      "| --- | ---: | ---: | --- | --: | --: | --: |\n"
      "| llama 8B Q4_0 | 4.33 GiB | 8.03 B | CUDA | 99 | pp512 | 4000.00 ± 10.00 |\n"
      "| llama 8B Q4_0 | 4.33 GiB | 8.03 B | CUDA | 99 | tg32 | 100.00 ± 1.00 |\n"
      "| llama 8B Q4_0 | 4.33 GiB | 8.03 B | CUDA | 99 | tg32 @ d4096 | 80.00 ± 0.40 |\n"
      "\nbuild: abc (1)\n");
  ASSERT_EQ(t.size(), 1u);
  EXPECT_EQ(t[0].gpu, "NVIDIA GeForce RTX 4080");
  ASSERT_EQ(t[0].rows.size(), 2u);
  EXPECT_EQ(t[0].rows[1].n_kv, 4096);
  EXPECT_DOUBLE_EQ(t[0].rows[1].time_us, 12500);
  EXPECT_NEAR(t[0].rows[1].hi_us, 12500 * 1.005, 1e-6);
  EXPECT_EQ(to_series(t[0]).backend, "cuda");
}

const std::string kRows =
    "| 512 | 128 | 0 | 0.1 | 5120.00 | 1.280 | 100.00 |\n"
    "| 512 | 128 | 512 | 0.1 | 5120.00 | 1.300 | 98.46 |\n";

TEST(Read, TheTextNamesTheCard) {
  EXPECT_EQ(read("My RTX 3090 with 4090 tokens:\n" + kHeader + kRows)[0].gpu, "RTX 3090");
  EXPECT_EQ(read(kHeader + kRows + "\nThat was an RTX 3090.\n")[0].gpu, "RTX 3090");
  EXPECT_EQ(read("RTX 3090 against RTX 4090\n" + kHeader + kRows)[0].gpu, "");
  EXPECT_EQ(read("Device 0: NVIDIA H100 PCIe, VMM: yes\nRTX 3090\n" + kHeader + kRows)[0].gpu,
            "NVIDIA H100 PCIe");
}

TEST(Read, AFileNamedAfterACpuIsACpuRun) {
  Table t = read(kHeader + kRows)[0];
  for (const char* name : {"cpu_ryzen", "DeepSeek CPU only"}) {
    t.name = name;
    EXPECT_EQ(to_series(t).backend, "cpu") << name;
  }
  for (const char* name : {"cpu-moe", "cpu_and_rtx3090", "cpus", "gpu_vs_cpu"}) {
    t.name = name;
    EXPECT_EQ(to_series(t).backend, "") << name;
  }
}

TEST(Read, TheTensorSplitIsNoSpeed) {
  const auto t = read(
      "| model | backend | ngl | ts | test | t/s |\n| --- | --- | --: | --- | --: | --: |\n"
      "| llama 8B | CUDA | 99 | 3.00/1.00 | tg32 | 100.00 ± 1.00 |\n"
      "| llama 8B | CUDA | 99 | 3.00/1.00 | tg32 @ d4096 | 80.00 ± 0.40 |\n");
  ASSERT_EQ(t.size(), 1u);
  EXPECT_DOUBLE_EQ(t[0].rows[1].time_us, 12500);
  EXPECT_EQ(t[0].keys.at("ts"), "3.00/1.00");
}

TEST(Read, LlamaBenchJsonAndCsv) {
  const auto json = read(
      "[\n  {\n    \"model_type\": \"x\",\n    \"n_prompt\": 0,\n    \"n_gen\": 10,\n"
      "    \"n_depth\": 0,\n    \"avg_ns\": 1000000,\n    \"stddev_ns\": 1000,\n"
      "    \"samples_ns\": [ 1, 2 ]\n  },\n"
      "  { \"model_type\": \"x\", \"n_prompt\": 512, \"n_gen\": 0, \"n_depth\": 0, \"avg_ns\": 9 "
      "},\n"
      "  { \"model_type\": \"x\", \"n_prompt\": 0, \"n_gen\": 10, \"n_depth\": 512, "
      "\"avg_ns\": 2000000, \"stddev_ns\": 1000 }\n]\n");
  ASSERT_EQ(json.size(), 1u);
  ASSERT_EQ(json[0].rows.size(), 2u);
  EXPECT_EQ(json[0].rows[1].n_kv, 512);
  EXPECT_DOUBLE_EQ(json[0].rows[1].time_us, 200);
  const auto csv = read(
      "model_type,n_prompt,n_gen,n_depth,avg_ns,stddev_ns\n"
      "\"x, y\",\"0\",\"10\",\"0\",\"1000000\",\"1000\"\n"
      "\"x, y\",\"0\",\"10\",\"512\",\"2000000\",\"1000\"\n");
  ASSERT_EQ(csv.size(), 1u);
  EXPECT_EQ(csv[0].keys.at("model_type"), "x, y");
  EXPECT_DOUBLE_EQ(csv[0].rows[1].time_us, 200);
}

TEST(Read, PlainCsv) {
  const auto us = read("n_kv,time_us\n256,10.5\n512,11\n");
  EXPECT_DOUBLE_EQ(us[0].rows[0].time_us, 10.5);
  EXPECT_EQ(to_series(us[0]).rule, analysis::RowRule::exact);
  const auto speed = read("n_kv;tokens_per_s\r\n256;1000\r\n512;500");
  EXPECT_DOUBLE_EQ(speed[0].rows[1].time_us, 2000);
}

TEST(Read, OurOwnExportIsOneTableASeries) {
  const auto t = read(
      "backend,kernel,n_kv,sms,chunk,status,time_us,units,slots\n"
      "cuda,a,256,76,256,ok,10,1,76\ncuda,b,256,76,256,ok,20,1,76\n"
      "cuda,a,512,76,256,ok,11,2,76\ncuda,b,512,76,256,skipped,,2,76\n"
      "cuda,b,768,76,256,ok,22,3,76\n");
  ASSERT_EQ(t.size(), 2u);
  const auto s = to_series(t[0]);
  EXPECT_EQ(s.kernel, "a");
  EXPECT_EQ(s.known.sms, 76);
  EXPECT_EQ(s.known.ctas_per_sm, 1);
  EXPECT_EQ(s.known.n_tiles, 1);
  EXPECT_EQ(t[1].rows.size(), 2u);
}

TEST(Read, BatchedBenchIsOneTableABatch) {
  const auto t = read(
      "|    PP |     TG |    B |   N_KV |   T_PP s | S_PP t/s |   T_TG s | S_TG t/s |      T s |   "
      " S t/s |\n"
      "|-------|--------|------|--------|----------|----------|----------|----------|----------|---"
      "-------|\n"
      "|   128 |    128 |    1 |    256 |    0.108 |  1186.64 |    3.079 |    41.57 |    3.187 |   "
      " 80.32 |\n"
      "|   128 |    128 |    2 |    512 |    0.198 |  1295.19 |    5.029 |    50.90 |    5.227 |   "
      " 97.95 |\n"
      "|   256 |    128 |    1 |    384 |    0.212 |  1206.60 |    3.179 |    40.26 |    3.391 |   "
      "113.24 |\n"
      "|   256 |    128 |    2 |    768 |    0.391 |  1308.30 |    5.300 |    48.30 |    5.691 |   "
      "134.95 |\n");
  ASSERT_EQ(t.size(), 2u);
  EXPECT_EQ(t[1].batch, 2);
  EXPECT_EQ(t[1].rows[1].n_kv, 256);
  EXPECT_TRUE(t[1].bad_rows.empty());  // S_TG counts the tokens of all sequences
}

TEST(Read, TablesAreNeverMerged) {
  const std::string rows =
      "| 512 | 128 | 0 | 0.1 | 5120.00 | 1.280 | 100.00 |\n"
      "| 512 | 128 | 512 | 0.1 | 5120.00 | 1.300 | 98.46 |\n";
  EXPECT_EQ(read(kHeader + rows + kHeader + rows).size(), 2u);
  EXPECT_EQ(read(kHeader + rows + rows).size(), 2u);  // pasted without the second header
}

TEST(Read, MoreColumnsAndACutRow) {
  const auto t = read(
      "| PP | TG | N_KV | T_PP s | S_PP t/s | T_TG s | S_TG t/s | VRAM | RAM |\n"
      "| 512 | 128 | 0 | 0.1 | 5120.00 | 1.280 | 100.00 | 3 GiB | n/a |\n"
      "| 512 | 128 | 512 | 0.1 | 5120.00 | 1.300 | 98.46 | n/a | n/a |\n"
      "| 512 | 128 | 1024 | 0.1 | 51");
  ASSERT_EQ(t.size(), 1u);
  EXPECT_EQ(t[0].rows.size(), 2u);
  ASSERT_EQ(t[0].bad_rows.size(), 1u);
  EXPECT_EQ(t[0].bad_rows[0].line, 4);
}

TEST(Read, WordsBetweenBlanks) {
  const auto t = read(
      "PP TG N_KV T_PP s S_PP t/s T_TG s S_TG t/s\n"
      "512 128 0 0.1 5120.00 1.280 100.00\n512 128 512 0.1 5120.00 1.300 98.46\n");
  ASSERT_EQ(t.size(), 1u);
  EXPECT_EQ(t[0].rows.size(), 2u);
}

TEST(Read, AWholeTableOfContradictionsIsAnotherDefinition) {
  const auto t = read(kHeader +
                      "| 512 | 128 | 0 | 0.1 | 1 | 1.280 | 10.00 |\n"
                      "| 512 | 128 | 512 | 0.1 | 1 | 1.300 | 9.00 |\n");
  EXPECT_EQ(t[0].rows.size(), 2u);
  EXPECT_EQ(t[0].notes.size(), 1u);
}

TEST(Read, ReasonsWithFileAndLine) {
  EXPECT_EQ(why_not(""), "t.md:1: the file is empty");
  EXPECT_NE(why_not("hello\nworld\n").find("t.md:2: no table found"), std::string::npos);
  EXPECT_NE(why_not(std::string("PNG\0\1", 5)).find("t.md:1: a NUL byte"), std::string::npos);
  EXPECT_EQ(why_not("n_kv,time_us\n256,10\n"), "t.md:1: one row: a curve needs more");
  EXPECT_EQ(why_not("n_kv,time_us\n"), "t.md:1: a header without rows");
  EXPECT_EQ(why_not("n_kv,time_us\n256,10\n512,x\n"), "t.md:3: time is \"x\", expected a number");
  EXPECT_EQ(why_not("n_kv,time_us\n256,10\n512,\n"),
            "t.md:3: the time is an empty cell, expected a number");
  EXPECT_EQ(why_not("n_kv,time_us\n256,10\n512,-4\n"),
            "t.md:3: time is -4, expected a number above 0");
  EXPECT_EQ(why_not("n_kv,time_us\n256,nan\n512,4\n"),
            "t.md:2: time is nan, expected a finite number");
  EXPECT_EQ(why_not("n_kv,time_us\n256,4\n256,5\n"),
            "t.md:1: all 2 rows have n_kv 256: there is no axis");
  EXPECT_EQ(why_not("n_kv,time_us\n256,4\n512,4\n"), "t.md:1: all 2 rows have the same time");
  EXPECT_THROW(read_file("/nonexistent/x.md"), config::BadInput);
  EXPECT_THROW(read_file("/"), config::BadInput);
}

TEST(Read, BadRowsCanBeSkipped) {
  Options options;
  options.skip_bad_rows = true;
  const auto t = read("n_kv,time_us\n256,10\n512,x\n768,12\n", options);
  EXPECT_EQ(t[0].rows.size(), 2u);
  EXPECT_EQ(t[0].bad_rows.size(), 1u);
}

TEST(Read, OneBadTableLeavesTheOthers) {
  const auto t = read("n_kv,time_us\n256,x\nn_kv,time_us\n256,1\n512,2\n");
  ASSERT_EQ(t.size(), 2u);
  EXPECT_FALSE(t[0].unusable.empty());
  EXPECT_TRUE(t[1].unusable.empty());
}

}  // namespace
}  // namespace mlawave::importer
