#include "harness/env/cuda/nvml.h"

#include <gtest/gtest.h>

#include "harness/env/cuda/device_info.h"
#include "kernels/cuda/base/gpu_test.h"

namespace mlawave::env {
namespace {

TEST(Nvml, NamesThrottleReasons) {
  EXPECT_EQ(throttle_names(0x00), std::vector<std::string>{});
  EXPECT_EQ(throttle_names(0x03), std::vector<std::string>{});  // idle, clocks set by the user
  EXPECT_EQ(throttle_names(0x44),
            (std::vector<std::string>{"sw_power_cap", "hw_thermal_slowdown"}));
  EXPECT_FALSE(kThrottleHarmful & kThrottleSwPowerCap);
}

TEST(Nvml, UnknownGpuLeavesEveryQuestionOpen) {
  const Nvml nvml("GPU-00000000-0000-0000-0000-000000000000");
  EXPECT_FALSE(nvml.available());
  EXPECT_FALSE(nvml.power_w());
  EXPECT_FALSE(nvml.ecc());
  EXPECT_FALSE(nvml.clock_mhz(Clock::sm));
}

TEST(DeviceInfo, IsFilledFromGpuAndNvml) {
  MLAWAVE_SKIP_WITHOUT_GPU();
  const cuda::DeviceProperties device = cuda::query_device();
  const Nvml nvml(device.uuid);
  const record::DeviceInfo info = device_info(device, nvml);
  EXPECT_EQ(info.sms, device.sms);
  EXPECT_EQ(info.compute_capability.find('.'), info.compute_capability.size() - 2);
  if (!nvml.available()) GTEST_SKIP() << "no NVML for this GPU";
  EXPECT_FALSE(info.driver.empty());
  const record::Sensors sensors = read_sensors(nvml);
  ASSERT_TRUE(sensors.sm_clock_mhz && info.max_sm_clock_mhz);
  EXPECT_GT(*sensors.sm_clock_mhz, 0);
  EXPECT_LE(*sensors.sm_clock_mhz, *info.max_sm_clock_mhz);
}

}  // namespace
}  // namespace mlawave::env
