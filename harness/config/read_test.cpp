#include "harness/config/read.h"

#include <gtest/gtest.h>

#include <cmath>

namespace mlawave::config {
namespace {

using Ints = std::vector<int>;

const KnownNames kKnown{{"baseline", "baseline_separate_v", "tile_reuse"}, ""};

std::string config_error(const std::string& json, const Flags& flags = {}) {
  try {
    read_config({json, json.empty() ? "" : "x.json"}, flags, kKnown);
  } catch (const BadInput& e) {
    return e.what();
  }
  return "no error";
}

TEST(ReadConfig, DefaultsAreThoseOfTheStruct) {
  const SweepConfig c = parse(R"({"n_kv": 1024})", "x.json", kKnown);
  EXPECT_EQ(c.n_kv, (std::vector<std::int64_t>{1024}));
  EXPECT_TRUE(c.backends.empty());
  EXPECT_EQ(c.kernels, SweepConfig{}.kernels);
  EXPECT_EQ(c.chunks, Ints{256});
  EXPECT_EQ(c.policy.seed, 408u);
}

TEST(ReadConfig, EveryKey) {
  const SweepConfig c = parse(R"({
    "name": "all", "description": "every key",
    "backend": ["cuda", "cpu"], "kernel": "tile_reuse,baseline", "n_kv": ["256:1024:256", 7],
    "ragged": [[4641, 45118, 1730, 1696], "1,2"], "sms": ["all", 76, "80:84:2"],
    "chunk": [32, 4096], "schedule": "stream_k,wave,split_kv", "splits": 8, "heads": "1,128",
    "batch": [1, 64], "s_q": "1:8", "dtype": ["f16", "bf16"], "layout": "nope_rope",
    "page_size": ["contiguous", 1, "64"], "cache": "cold,hot", "scale": 0.125, "around_boundaries": true,
    "policy": {"seed": 9, "launches_per_sample": 4, "min_samples": 3, "max_samples": 30,
               "target_interval": 0.02, "idle_ms": 2.5, "timing": "graph", "phases": true, "aa_fraction": 0.5,
               "max_time_s": 60}})",
                              "x.json", kKnown);
  EXPECT_EQ(c.name, "all");
  EXPECT_EQ(c.backends, (std::vector{api::Backend::cuda, api::Backend::cpu}));
  EXPECT_EQ(c.kernels, (std::vector<std::string>{"tile_reuse", "baseline"}));
  EXPECT_EQ(c.n_kv, (std::vector<std::int64_t>{256, 512, 768, 1024, 7}));
  EXPECT_EQ(c.ragged, (std::vector<std::vector<std::int64_t>>{{4641, 45118, 1730, 1696}, {1, 2}}));
  EXPECT_EQ(c.sms, (Ints{0, 76, 80, 82, 84}));
  EXPECT_EQ(c.chunks, (Ints{32, 4096}));
  EXPECT_EQ(c.schedules.size(), 3u);
  EXPECT_EQ(c.splits, Ints{8});
  EXPECT_EQ(c.heads, (Ints{1, 128}));
  EXPECT_EQ(c.batches, (Ints{1, 64}));
  EXPECT_EQ(c.s_q, (Ints{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(c.dtypes, (std::vector{api::Dtype::f16, api::Dtype::bf16}));
  EXPECT_EQ(c.layouts, std::vector{api::Layout::nope_rope});
  EXPECT_EQ(c.page_sizes, (Ints{0, 1, 64}));
  EXPECT_EQ(c.caches, (std::vector{Cache::cold, Cache::hot}));
  EXPECT_EQ(c.scale, 0.125f);
  EXPECT_TRUE(c.around_boundaries);
  EXPECT_EQ(c.policy.seed, 9u);
  EXPECT_EQ(c.policy.launches_per_sample, 4);
  EXPECT_EQ(c.policy.min_samples, 3);
  EXPECT_EQ(c.policy.max_samples, 30);
  EXPECT_EQ(c.policy.target_interval, 0.02);
  EXPECT_EQ(c.policy.idle_ms, 2.5);
  EXPECT_EQ(c.policy.timing, Timing::graph);
  EXPECT_TRUE(c.policy.phases);
  EXPECT_EQ(c.policy.aa_fraction, 0.5);
  EXPECT_EQ(c.policy.max_time_s, 60);
}

TEST(ReadConfig, RepeatedValuesAreOneCase) {
  const SweepConfig c =
      parse(R"({"n_kv": ["1:3", 2], "sms": [76, 76], "kernel": "baseline,baseline",
                                  "ragged": [[5, 5], [5, 5]]})",
            "x.json", kKnown);
  EXPECT_EQ(c.n_kv, (std::vector<std::int64_t>{1, 2, 3}));
  EXPECT_EQ(c.sms, Ints{76});
  EXPECT_EQ(c.kernels.size(), 1u);
  EXPECT_EQ(c.ragged, (std::vector<std::vector<std::int64_t>>{{5, 5}}));
}

TEST(ReadConfig, ModelSetsTheHeads) {
  EXPECT_EQ(parse(R"({"n_kv": 1, "model": "deepseek-v2-lite"})", "x", kKnown).heads, Ints{16});
  EXPECT_EQ(parse(R"({"n_kv": 1, "model": "deepseek-v3"})", "x", kKnown).heads, Ints{128});
  EXPECT_EQ(config_error(R"({"n_kv": 1, "model": "deepseek-v3", "heads": 16})"),
            "x.json: model: got \"deepseek-v3\", expected either model or heads, not both");
  EXPECT_EQ(
      config_error(R"({"n_kv": 1, "model": "deepseek-v2"})"),
      "x.json: model: got \"deepseek-v2\", expected one of deepseek-v2-lite, deepseek-v3 (did "
      "you mean \"deepseek-v3\"?)");
}

TEST(ReadConfig, FlagsWinOverTheFile) {
  const std::string file = R"({"n_kv": "256:1024:256", "heads": 16, "kernel": "baseline",
                               "policy": {"seed": 1, "min_samples": 5}})";
  const SweepConfig c = read_config({file, "x.json"},
                                    {{"--n-kv", {"7:9", "20"}},
                                     {"--model", {"deepseek-v3"}},
                                     {"--seed", {"2"}},
                                     {"--timing", {"graph"}},
                                     {"--phases", {}},
                                     {"--scale", {"0.5"}}},
                                    kKnown);
  EXPECT_EQ(c.n_kv, (std::vector<std::int64_t>{7, 8, 9, 20}));
  EXPECT_EQ(c.heads, Ints{128});
  EXPECT_EQ(c.kernels, std::vector<std::string>{"baseline"});
  EXPECT_EQ(c.policy.seed, 2u);
  EXPECT_EQ(c.policy.min_samples, 5);
  EXPECT_EQ(c.policy.timing, Timing::graph);
  EXPECT_TRUE(c.policy.phases);
  EXPECT_EQ(c.scale, 0.5f);
}

TEST(ReadConfig, RaggedByFlagReplacesTheFilesLengths) {
  const SweepConfig c = read_config({R"({"n_kv": 5})", "x.json"},
                                    {{"--ragged", {"4641,45118,1730,1696", "1,1"}}}, kKnown);
  EXPECT_TRUE(c.n_kv.empty());
  EXPECT_EQ(c.ragged, (std::vector<std::vector<std::int64_t>>{{4641, 45118, 1730, 1696}, {1, 1}}));
}

struct Bad {
  const char* json;
  const char* message;
};

TEST(ReadConfig, ErrorsNameFileKeyValueAndExpectation) {
  const Bad cases[] = {
      {R"([1])", "x.json: got [1], expected an object with keys"},
      {R"({"kernel": "tile-reuse", "n_kv": 1})",
       "x.json: kernel: got \"tile-reuse\", expected a kernel: one of baseline, "
       "baseline_separate_v, tile_reuse (did you mean \"tile_reuse\"?)"},
      {R"({"kernel": ["baseline", 3], "n_kv": 1})", "x.json: kernel[1]: got 3, expected a text"},
      {R"({"kernel": [], "n_kv": 1})", "x.json: kernel: got [], expected at least one name"},
      {R"({"n_kv": "300:100:50"})",
       "x.json: n_kv: got \"300:100:50\", expected a range whose start is not above its stop"},
      {R"({"n_kv": [1, "9:1"]})",
       "x.json: n_kv[1]: got \"9:1\", expected a range whose start is not above its stop"},
      {R"({"n_kv": 1, "page_size": [64, 48]})",
       "x.json: page_size[1]: got 48, expected a power of two from 1 to 1024 or \"contiguous\""},
      {R"({"n_kv": 1, "page_size": "2048"})",
       "x.json: page_size: got 2048, expected a power of two from 1 to 1024 or \"contiguous\""},
      {R"({"n_kv": 1, "page_size": "paged"})",
       "x.json: page_size: got \"paged\", expected an integer or a range start:stop:step"},
      {R"({"n_kv": []})",
       "x.json: n_kv: got [], expected an integer from 0 to 4294967296, or several"},
      {R"({"n_kv": -1})", "x.json: n_kv: got -1, expected an integer from 0 to 4294967296"},
      {R"({"n_kv": "-5:5"})", "x.json: n_kv: got -5, expected an integer from 0 to 4294967296"},
      {R"({"n_kv": 1.5})", "x.json: n_kv: got 1.5, expected an integer from 0 to 4294967296"},
      {R"({"n_kv": null})", "x.json: n_kv: got null, expected an integer from 0 to 4294967296"},
      {R"({"n_kv": [[1]]})", "x.json: n_kv[0]: got [1], expected an integer from 0 to 4294967296"},
      {R"({"n_kv": 18446744073709551615})",
       "x.json: n_kv: got 18446744073709551615, expected an integer from 0 to 4294967296"},
      {R"({"n_kv": "1:20000000"})",
       "x.json: n_kv: got \"1:20000000\", expected at most 10000000 points"},
      {R"({"n_kv": 1, "chunk": 100})",
       "x.json: chunk: got 100, expected a multiple of 32 from 32 to 4096"},
      {R"({"n_kv": 1, "chunk": [32, 8192]})",
       "x.json: chunk[1]: got 8192, expected a multiple of 32 from 32 to 4096"},
      {R"({"n_kv": 1, "chunk": 0})",
       "x.json: chunk: got 0, expected a multiple of 32 from 32 to 4096"},
      {R"({"n_kv": 1, "heads": 0})", "x.json: heads: got 0, expected an integer from 1 to 128"},
      {R"({"n_kv": 1, "heads": 129})", "x.json: heads: got 129, expected an integer from 1 to 128"},
      {R"({"n_kv": 1, "s_q": 9})", "x.json: s_q: got 9, expected an integer from 1 to 8"},
      {R"({"n_kv": 1, "batch": 0})", "x.json: batch: got 0, expected an integer from 1 to 65536"},
      {R"({"n_kv": 1, "sms": -2})",
       "x.json: sms: got -2, expected an integer from 0 to 65536 or \"all\""},
      {R"({"n_kv": 1, "dtype": "f32"})",
       "x.json: dtype: got \"f32\", expected one of f16, bf16 (did you mean \"f16\"?)"},
      {R"({"n_kv": 1, "backend": "model"})",
       "x.json: backend: got \"model\", expected one of cuda, cpu"},
      {R"({"n_kv": 1, "schedule": "streamk"})",
       "x.json: schedule: got \"streamk\", expected one of stream_k, wave, split_kv, balanced (did "
       "you mean "
       "\"stream_k\"?)"},
      {R"({"n_kv": 1, "around_boundaries": 1})",
       "x.json: around_boundaries: got 1, expected true or false"},
      {R"({"n_kv": 1, "policy": 3})", "x.json: policy: got 3, expected an object"},
      {R"({"n_kv": 1, "policy": {"seed": -1}})",
       "x.json: policy.seed: got -1, expected an integer from 0 to 9223372036854775807"},
      {R"({"n_kv": 1, "policy": {"target_interval": "tight"}})",
       "x.json: policy.target_interval: got \"tight\", expected a number from 0 to 1"},
      {R"({"n_kv": 1, "policy": {"min_samples": 10, "max_samples": 5}})",
       "x.json: policy.min_samples: got 10, expected at most max_samples = 5"},
      {R"({"ragged": [7]  , "n_kv": "x"})",
       "x.json: n_kv: got \"x\", expected an integer or a range start:stop:step"},
      {R"({"ragged": 7})",
       "x.json: ragged: got 7, expected a list of batches, each a list of lengths"},
      {R"({"ragged": [[1, -2]]})",
       "x.json: ragged[0][1]: got -2, expected an integer from 0 to 4294967296"},
      {R"({})",
       "x.json: n_kv: not given, expected tokens in the cache, e.g. 256:66560:256 (or ragged)"},
      {R"({"n_kv": "0:999999", "batch": "1:1000"})",
       "x.json: the axes make 2e+09 cases, expected at most 1e+08"},
  };
  for (const Bad& bad : cases) EXPECT_EQ(config_error(bad.json), bad.message) << bad.json;
}

TEST(ReadConfig, ShortTextsCannotAskForEndlessMemory) {
  std::string ragged = R"({"ragged": [)";
  for (int i = 1; i <= 100; ++i) ragged += "[\"" + std::to_string(i) + ":65536\"],";
  ragged.back() = ']';
  EXPECT_EQ(config_error(ragged + "}"),
            "x.json: ragged[15]: got [\"16:65536\"], expected at most 1000000 lengths in all");
  std::string n_kv = R"({"n_kv": "0:9999999)";
  for (int i = 0; i < 100; ++i) n_kv += ",0:9999999";
  EXPECT_EQ(config_error(n_kv + "\"}").substr(0, 18), "x.json: n_kv: got ");
  EXPECT_EQ(config_error(R"({"ragged": [["1:65537"]]})"),
            "x.json: ragged[0]: got [\"1:65537\"], expected at most 65536 lengths");
}

TEST(ReadConfig, UnknownKeysNameTheNearest) {
  EXPECT_TRUE(config_error(R"({"chunks": 256})")
                  .starts_with("x.json: unknown key \"chunks\" (did you mean \"chunk\"?); expected "
                               "one of name, description, backend"));
  EXPECT_TRUE(
      config_error(R"({"policy": {"sead": 1}})")
          .starts_with("x.json: unknown key \"policy.sead\" (did you mean \"policy.seed\"?)"));
  EXPECT_TRUE(
      config_error(R"({"policy.seed": 1})").starts_with("x.json: unknown key \"policy.seed\""));
}

TEST(ReadConfig, ErrorsInFlagsNameTheFlag) {
  EXPECT_EQ(config_error("", {{"--n-kv", {"1024"}}, {"--chunk", {"100"}}}),
            "--chunk: got 100, expected a multiple of 32 from 32 to 4096");
  EXPECT_EQ(config_error("", {{"--n-kv", {"1024"}}, {"--scale", {"nan"}}}),
            "--scale: got \"nan\", expected a number from 0 to 1000");
  EXPECT_EQ(config_error("", {{"--n-kv", {""}}}),
            "--n-kv: got \"\", expected an integer or a range start:stop:step");
  EXPECT_EQ(config_error("", {{"--kernel", {"tile_reus"}}, {"--n-kv", {"1"}}}),
            "--kernel: got \"tile_reus\", expected a kernel: one of baseline, baseline_separate_v, "
            "tile_reuse (did you mean \"tile_reuse\"?)");
  EXPECT_EQ(config_error(""),
            "command line: n_kv: not given, expected tokens in the cache, e.g. 256:66560:256 (or "
            "ragged)");
}

TEST(ReadConfig, SaysWhyAKernelMayBeMissing) {
  const KnownNames known{{"baseline"}, "this build has no CUDA kernels"};
  try {
    parse(R"({"n_kv": 1, "kernel": "reuse_sm90"})", "x.json", known);
    FAIL() << "no error";
  } catch (const BadInput& e) {
    EXPECT_STREQ(
        e.what(),
        "x.json: kernel: got \"reuse_sm90\", expected a kernel: one of baseline; this build "
        "has no CUDA kernels");
  }
}

}  // namespace
}  // namespace mlawave::config
