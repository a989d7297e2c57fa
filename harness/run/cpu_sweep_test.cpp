// A whole sweep on the real CPU device, with the oracle as its kernel; and what a profiler sees.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "harness/measure/cpu/make_device.h"
#include "harness/measure/nvtx.h"
#include "harness/record/read_run.h"
#include "harness/run/run.h"
#include "kernels/api/half.h"
#include "kernels/reference/reference.h"

namespace mlawave::run {
namespace {

namespace fs = std::filesystem;

class OraclePlan : public api::Plan {
 public:
  explicit OraclePlan(const api::PlanRequest& r) : problem_(r.problem) {
    info_.sms = info_.slots = r.sms;
    info_.units = info_.max_load = 1;
    info_.partials = 2;  // so that the combine's range is there
  }
  const api::PlanInfo& info() const override { return info_; }
  void launch(const api::MlaTensors& t, api::Phase, api::Stream) override {
    const reference::Answer answer = reference::attention(problem_, t);
    std::transform(
        answer.out.begin(), answer.out.end(), static_cast<std::uint16_t*>(t.out),
        [&](double x) { return api::from_float(static_cast<float>(x), problem_.dtype); });
    std::copy(answer.lse.begin(), answer.lse.end(), t.lse);
  }

 private:
  api::MlaProblem problem_;
  api::PlanInfo info_;
};

class OracleKernel : public api::Kernel {
 public:
  std::string_view name() const override { return "oracle"; }
  std::string_view description() const override { return "the fp64 reference as a kernel"; }
  api::Backend backend() const override { return api::Backend::cpu; }
  api::Support supports(const api::PlanRequest&) const override { return {}; }
  std::unique_ptr<api::Plan> plan(const api::PlanRequest& r) const override {
    return std::make_unique<OraclePlan>(r);
  }
};

class CpuSweep : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = fs::path(testing::TempDir()) / ("cpu_sweep_" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
#ifdef MLAWAVE_NVTX_RECORDER
    // Read by NVTX at its first use in the process.
    ::setenv("NVTX_INJECTION64_PATH", MLAWAVE_NVTX_RECORDER, 1);
    ::setenv("MLAWAVE_NVTX_LOG", (folder_ / "nvtx.log").c_str(), 1);
#endif
    config::SweepConfig config;
    config.backends = {api::Backend::cpu};
    config.kernels = {"oracle"};
    config.sms = {1};
    config.heads = {2};
    config.s_q = {2};
    config.n_kv = {1, 33};
    config.ragged = {{5, 0, 70}};
    config.dtypes = {api::Dtype::f16, api::Dtype::bf16};
    config.layouts = {api::Layout::rope_nope, api::Layout::nope_rope};
    config.page_sizes = {0, 16};
    config.caches = {config::Cache::hot};
    config.policy.launches_per_sample = 1;
    config.policy.min_samples = 2;
    config.policy.max_samples = 3;
    config.policy.aa_fraction = 0;
    const OracleKernel kernel;
    const std::vector<const api::Kernel*> kernels{&kernel};
    const auto device = measure::make_cpu_device();
    const std::vector<measure::Device*> devices{device.get()};
    Options options;
    options.out_dir = folder_;
    result_ = sweep(plan::Plan(config), kernels, devices, options);
  }
  static void TearDownTestSuite() { fs::remove_all(folder_); }

  static fs::path folder_;
  static Result result_;
};

fs::path CpuSweep::folder_;
Result CpuSweep::result_;

TEST_F(CpuSweep, VerifiesAndTimesEveryCase) {
  EXPECT_EQ(result_.counts.ok, 24u);
  const record::Run run = record::read_run(folder_);
  ASSERT_EQ(run.records.size(), 24u);
  for (const record::Record& r : run.records) {
    EXPECT_EQ(r.status, record::Status::ok) << r.reason;
    EXPECT_GT(r.summary.time_us, 0);
    EXPECT_GE(r.samples.size(), 2u);
    EXPECT_LE(r.error->relative_frobenius, r.error->tolerance);
    EXPECT_EQ(r.partition.mode, record::SmMode::threads);
    EXPECT_EQ(r.samples[0].sm_clock_mhz, 0);
  }
  ASSERT_EQ(run.info.devices.size(), 1u);
  EXPECT_EQ(run.info.devices[0].backend, api::Backend::cpu);
  EXPECT_GT(run.info.devices[0].ceilings.read_gb_per_s, 0);
}

std::vector<std::string> lines_of(const fs::path& file) {
  std::vector<std::string> lines;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST_F(CpuSweep, ProfilersSeeARangeForEveryStep) {
#ifndef MLAWAVE_NVTX_RECORDER
  GTEST_SKIP() << "this build has no NVTX";
#endif
  const auto lines = lines_of(folder_ / "nvtx.log");
  ASSERT_FALSE(lines.empty());
  for (std::size_t i = 0; i < lines.size(); ++i)  // ranges do not nest
    EXPECT_EQ(lines[i] == "end", i % 2 == 1) << i << ": " << lines[i];
  for (const record::Record& r : record::read_run(folder_).records) {
    const auto count = [&](const std::string& category) {
      const std::string line = "mlawave|" + category + "|" + std::to_string(r.what.n_kv) + "|" +
                               measure::range_text(r.id);
      return std::count(lines.begin(), lines.end(), line);
    };
    EXPECT_EQ(count("verify"), 1) << r.id;
    EXPECT_GE(count("warm-up"), 1) << r.id;
    EXPECT_EQ(count("sample"), static_cast<int>(r.samples.size())) << r.id;
    EXPECT_EQ(count("combine"), 1) << r.id;
  }
}

}  // namespace
}  // namespace mlawave::run
