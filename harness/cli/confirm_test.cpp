#include "harness/cli/confirm.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "harness/record/read_run.h"
#include "harness/run/fake_device.h"

namespace mlawave::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kSms = 16;
constexpr std::int64_t kMemory = 16 << 20;

// A sweep on 12 of 16 SMs with a chunk of 64: steps at 768, 1536, 2304, 3072, 3840.
class ConfirmTest : public testing::Test {
 protected:
  ConfirmTest() : device(kSms, kMemory), kernel("tile_reuse", device) {
    options.out_dir =
        fs::path(testing::TempDir()) /
        (std::string("confirm_") + testing::UnitTest::GetInstance()->current_test_info()->name() +
         std::to_string(::getpid()));
    fs::remove_all(options.out_dir);
    options.stop = &stop;
    config.name = "fake";
    config.kernels = {"tile_reuse"};
    config.sms = {12};
    config.chunks = {64};
    for (std::int64_t n = 64; n <= 4224; n += 64) config.n_kv.push_back(n);
    config.policy.aa_fraction = 0;
    config.policy.min_samples = 3;
    config.policy.max_samples = 3;
    waves();
  }
  ~ConfirmTest() override { fs::remove_all(options.out_dir); }

  void waves() {
    device.sample = [this](int) {
      const api::PlanRequest& r = device.launched;
      const schedule::Work work(r.policy, r.problem.n_kv, 1, r.sms);
      return record::Sample{20 + smooth() + r.policy.chunk / 32.0 * double(work.max_load()), 0,
                            false};
    };
  }
  void fixed_steps() {
    device.sample = [this](int) {
      const auto steps = (device.launched.problem.n_kv[0] - 1) / 768;
      return record::Sample{20 + smooth() + 2.0 * double(steps), 0, false};
    };
  }
  double smooth() const { return 0.001 * double(device.launched.problem.n_kv[0]); }

  run::Result sweep() { return run::sweep(plan::Plan(config), kernels(), devices(), options); }
  Proof prove() { return confirm(config, kernels(), devices(), options); }
  api::Kernels kernels() { return kernel_list; }
  run::Devices devices() { return device_list; }
  fs::path file(const char* name) const { return fs::path(options.out_dir) / name; }
  nlohmann::json json() const {
    std::ifstream in(file("confirm.json"));
    return nlohmann::json::parse(in);
  }

  run::fake::Device device;
  run::fake::Kernel kernel;
  std::vector<const api::Kernel*> kernel_list{&kernel};
  std::vector<measure::Device*> device_list{&device};
  config::SweepConfig config;
  run::Options options;
  std::atomic<bool> stop = false;
};

TEST_F(ConfirmTest, TrueWavesAreConfirmedFromARunOfTheirOwn) {
  sweep();
  const Proof proof = prove();
  EXPECT_EQ(proof.measured.exit_code(), 0);
  const auto j = json();
  EXPECT_EQ(j["confirmed"], 5) << proof.text;
  EXPECT_EQ(j["refuted"], 0);
  const record::Run run = record::read_run(file("confirm"));
  EXPECT_EQ(run.records.size(), j["points"].get<std::size_t>());
  EXPECT_NE(run.info.config_json.find("fake-confirm"), std::string::npos);
  for (const record::Record& r : run.records)
    EXPECT_TRUE(r.what.sms != 12 || r.what.policy.chunk != 64) << r.id;
  std::ifstream text(file("confirm.txt"));
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(text), {}), proof.text);
  EXPECT_EQ(record::read_run(options.out_dir).records.size(), 66u);  // as it was
}

TEST_F(ConfirmTest, StepsFixedAtTheirPlaceAreRefuted) {
  fixed_steps();
  sweep();
  const Proof proof = prove();
  EXPECT_EQ(json()["refuted"], 5) << proof.text;
  EXPECT_EQ(proof.measured.exit_code(), 0);
}

TEST_F(ConfirmTest, WithoutAnotherSettingNothingIsTestable) {
  sweep();
  kernel.support = {false, "this kernel runs once"};
  const Proof proof = prove();
  EXPECT_EQ(json()["not_testable"], 5) << proof.text;
  EXPECT_EQ(proof.measured.total, 0u);
  EXPECT_FALSE(fs::exists(file("confirm")));
}

TEST_F(ConfirmTest, AnInterruptKeepsWhatIsMeasuredAndResumes) {
  sweep();
  std::size_t measured = 0;
  options.on_record = [&](const run::Progress&) { stop = ++measured == 10; };
  EXPECT_EQ(prove().measured.stopped_by, "interrupt");
  EXPECT_FALSE(fs::exists(file("confirm.json")));
  EXPECT_EQ(record::read_run(file("confirm")).records.size(), 10u);
  stop = false;
  options.resume = true;
  const Proof proof = prove();
  EXPECT_EQ(proof.measured.counts.resumed, 10u);
  EXPECT_EQ(json()["confirmed"], 5);
}

}  // namespace
}  // namespace mlawave::cli
