#include "harness/model/kernel_model.h"

#include <gtest/gtest.h>

#include "harness/config/bad_input.h"

namespace mlawave::model {
namespace {

SweepRow row(std::int64_t n, int sms, int chunk, int n_tiles) {
  return {load_of({schedule::Kind::stream_k, chunk, 16}, n, 1, n_tiles, sms), chunk, n_tiles, 0};
}

KernelModel truth() {
  KernelModel m;
  m.kernel = "tile_reuse";
  m.gpu = "H100 SXM";
  m.gpu_boost_mhz = 1980;
  m.gpu_bandwidth_gb_per_s = 3352;
  m.shared_bytes_per_cta = 74000;
  m.launch_us = 3;
  m.unit_fixed_us = 0.4;
  m.unit_token_us = 0.02;
  m.bandwidth_gb_per_s = 3000;
  m.combine_us = 1.5;
  m.part_us = 0.01;
  return m;
}

std::vector<SweepRow> sweep(const KernelModel& m, std::initializer_list<int> sms,
                            std::initializer_list<int> chunks) {
  std::vector<SweepRow> rows;
  for (int s : sms)
    for (int c : chunks)
      for (std::int64_t n = 512; n <= 66560; n += 512) {
        rows.push_back(row(n, s, c, 1));
        rows.back().time_us = predict_us(m, rows.back());
      }
  return rows;
}

// The check of the real thing, on planted numbers: fit on 132 SMs, predict 76 and another chunk.
TEST(KernelModel, PredictsAnotherSmCountAndChunk) {
  KernelModel fitted = truth();
  fit_kernel(fitted, sweep(truth(), {132}, {256}));
  double error = 0;
  const auto held = sweep(truth(), {76}, {128});
  for (const SweepRow& r : held) error += std::abs(predict_us(fitted, r) / r.time_us - 1);
  EXPECT_LT(error / static_cast<double>(held.size()), 0.1);
  EXPECT_LT(fitted.error_95, 0.02);
}

TEST(KernelModel, ASweepOverChunksFindsTheFixedCost) {
  KernelModel fitted = truth();
  fit_kernel(fitted, sweep(truth(), {76, 132}, {64, 128, 256, 512}));
  EXPECT_LT(fitted.typical_error, 0.01);
  EXPECT_NEAR(fitted.unit_token_us, 0.02, 0.002);
}

TEST(KernelModel, AFasterClockAndASlowerMemory) {
  const KernelModel m = moved_to(truth(), *find_gpu("RTX 4080"));
  EXPECT_NEAR(m.unit_token_us, 0.02 * 1980 / 2505, 1e-9);
  EXPECT_NEAR(m.bandwidth_gb_per_s, 3000.0 * 717 / 3352, 1e-6);
  EXPECT_EQ(m.ctas_per_sm, 1);
}

TEST(KernelModel, KernelsOfOneArchitecture) {
  KernelModel m = truth();
  EXPECT_TRUE(runs_on(m, *find_gpu("RTX 4080")));
  m.kernel = "tile_reuse_sm90_t";
  EXPECT_TRUE(runs_on(m, *find_gpu("H100")));
  EXPECT_FALSE(runs_on(m, *find_gpu("RTX 4080")));
}

TEST(KernelModel, ReadsWhatItWrites) {
  const auto back = models_from_json(to_json(std::vector<KernelModel>{truth()}), "f.json");
  ASSERT_EQ(back.size(), 1u);
  EXPECT_EQ(back[0].kernel, "tile_reuse");
  EXPECT_DOUBLE_EQ(back[0].unit_token_us, 0.02);
}

TEST(KernelModel, BadFilesAreNamed) {
  EXPECT_THROW(models_from_json("", "f.json"), config::BadInput);
  try {
    models_from_json(R"({"schema_version":1,"kernels":[{"kernel":7}]})", "f.json");
    FAIL();
  } catch (const config::BadInput& e) {
    EXPECT_STREQ(e.what(), "f.json: kernels[0].kernel: 7, expected a text");
  }
  KernelModel m = truth();
  EXPECT_THROW(fit_kernel(m, std::vector<SweepRow>{}), config::BadInput);
}

}  // namespace
}  // namespace mlawave::model
