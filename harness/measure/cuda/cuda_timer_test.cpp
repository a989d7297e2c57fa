#include "harness/measure/cuda/cuda_timer.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <numeric>

#include "harness/measure/cuda/cuda_device.h"
#include "harness/measure/cuda/spin.h"
#include "kernels/cuda/base/gpu_test.h"

namespace mlawave::measure {
namespace {

using config::Timing;

api::MlaProblem small_problem() {
  return api::make_problem({512}, 16, 1, api::Dtype::f16, api::Layout::rope_nope);
}

class CudaTimers : public testing::TestWithParam<Timing> {
 protected:
  void SetUp() override {
    MLAWAVE_SKIP_WITHOUT_GPU();
    device_ = make_cuda_device();
    load_ = device_->load(small_problem(), {});
  }
  record::Sample sample(Slice& slice, Launch launch, int launches = 8) {
    return device_->timer(slice, *load_, std::move(launch), {launches, GetParam()})->sample();
  }
  std::unique_ptr<Device> device_;
  std::unique_ptr<Workload> load_;
};

INSTANTIATE_TEST_SUITE_P(Modes, CudaTimers, testing::Values(Timing::batch, Timing::graph),
                         [](const auto& info) {
                           return info.param == Timing::batch ? "batch" : "graph";
                         });

TEST_P(CudaTimers, SpinLastsAtLeastItsCycles) {
  constexpr long long kCycles = 200'000;
  Slice& slice = device_->slice(0);
  const record::Sample s =
      sample(slice, [&](const api::MlaTensors&) { spin(kCycles, slice.stream()); });
  ASSERT_GT(s.sm_clock_mhz, 0);
  const int max_mhz = device_->info().max_sm_clock_mhz.value_or(3000);
  // An H100 whose NVML says 1980 MHz at most ran at up to 2094 by its own counter.
  EXPECT_LE(s.sm_clock_mhz, max_mhz * 1.08);
  EXPECT_GE(s.time_us, static_cast<double>(kCycles) / (max_mhz * 1.08));
}

TEST_P(CudaTimers, CopiesRotate) {
  Slice& slice = device_->slice(0);
  std::vector<const void*> seen;
  sample(slice, [&](const api::MlaTensors& t) {
    seen.push_back(t.kv);
    spin(1, slice.stream());
  });
  ASSERT_EQ(seen.size(), 8u);
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], load_->tensors(int(i)).kv);
}

TEST_P(CudaTimers, KernelsStayOnTheSlice) {
  Slice& slice = device_->slice(16);
  cuda::Buffer<int> seen(1024);
  MLAWAVE_CUDA_CHECK(cudaMemset(seen.data(), 0, seen.bytes()));
  sample(slice, [&](const api::MlaTensors&) { note_sms(seen.data(), 2000, slice.stream()); });
  std::vector<int> flags(seen.size());
  MLAWAVE_CUDA_CHECK(cudaMemcpy(flags.data(), seen.data(), seen.bytes(), cudaMemcpyDeviceToHost));
  if (slice.partition().mode != record::SmMode::partition) GTEST_SKIP() << "no partitions here";
  EXPECT_EQ(std::accumulate(flags.begin(), flags.end(), 0), 16);
  for (int sm : slice.partition().sm_ids) EXPECT_EQ(flags[sm], 1) << sm;
}

TEST_P(CudaTimers, LongBatchesDoNotWaitForTheGate) {
  Slice& slice = device_->slice(0);
  const env::Nvml nvml(device_->info().uuid);
  CudaClockwork clockwork;
  clockwork.nvml = &nvml;
  clockwork.l2_bytes = device_->info().l2_bytes;
  clockwork.sms = device_->info().sms;
  auto& load = dynamic_cast<CudaWorkload&>(*load_);
  const Launch launch = [&](const api::MlaTensors&) { spin(1000, slice.stream()); };
  CudaTimer(clockwork, slice, load, launch, {1, GetParam()}).sample();
  if (!clockwork.can_queue) GTEST_SKIP() << "launches are not queued here (a profiler?)";
  CudaTimer(clockwork, slice, load, launch, {3000, GetParam()}).sample();
  EXPECT_FALSE(clockwork.gate.timed_out());
}

TEST_P(CudaTimers, LaunchThatThrowsLeavesTheStreamUsable) {
  Slice& slice = device_->slice(0);
  EXPECT_THROW(sample(slice, [](const api::MlaTensors&) { throw std::runtime_error("no"); }),
               std::runtime_error);
  slice.synchronize();
  EXPECT_TRUE(device_->healthy());
  EXPECT_GT(sample(slice, [&](const api::MlaTensors&) { spin(1000, slice.stream()); }).time_us, 0);
}

TEST(Gate, GivesUpWhenNobodyOpens) {
  MLAWAVE_SKIP_WITHOUT_GPU();
  const cuda::OwnedStream stream = cuda::make_stream();
  Gate gate;
  gate.close(stream.get());
  MLAWAVE_CUDA_CHECK(cudaStreamSynchronize(stream.get()));
  EXPECT_TRUE(gate.timed_out());
  gate.close(stream.get());
  gate.open();
  MLAWAVE_CUDA_CHECK(cudaStreamSynchronize(stream.get()));
  EXPECT_FALSE(gate.timed_out());
}

TEST(Slices, ImpossibleCountIsUnavailable) {
  MLAWAVE_SKIP_WITHOUT_GPU();
  const auto device = make_cuda_device();
  EXPECT_THROW(device->slice(device->info().sms + 1), Unavailable);
  EXPECT_EQ(&device->slice(0), &device->slice(0));
  EXPECT_EQ(device->slice(0).partition().sms, device->info().sms);
}

TEST(Ceilings, AreWithinTheDatasheet) {
  MLAWAVE_SKIP_WITHOUT_GPU();
  const record::Ceilings c = make_cuda_device()->ceilings();
  EXPECT_GT(c.read_gb_per_s, 100);
  EXPECT_LT(c.read_gb_per_s, 10'000);  // no GPU of 2025 reads 10 TB/s
  EXPECT_GT(c.matrix_tflop_per_s, 10);
  EXPECT_LT(c.matrix_tflop_per_s, 3'000);
}

TEST(StickyErrorDeathTest, MakesTheDeviceUnhealthy) {
  MLAWAVE_SKIP_WITHOUT_GPU();
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        const auto device = make_cuda_device();
        Slice& slice = device->slice(0);
        trap(slice.stream());
        try {
          slice.synchronize();
          std::_Exit(3);
        } catch (const std::runtime_error&) {
          std::_Exit(device->healthy() ? 4 : 0);
        }
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace mlawave::measure
