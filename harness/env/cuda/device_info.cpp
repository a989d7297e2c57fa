#include "harness/env/cuda/device_info.h"

#include <fmt/format.h>

namespace mlawave::env {

record::DeviceInfo device_info(const cuda::DeviceProperties& device, const Nvml& nvml) {
  record::DeviceInfo info;
  info.backend = api::Backend::cuda;
  info.name = device.name;
  info.uuid = device.uuid;
  info.compute_capability = fmt::format("{}.{}", device.major, device.minor);
  info.sms = device.sms;
  info.l2_bytes = device.l2_bytes;
  info.memory_bytes = device.memory_bytes;
  info.shared_bytes_per_sm = device.shared_bytes_per_sm;
  info.driver = nvml.driver_version().value_or("");
  info.cuda_driver = cuda::version_text(device.driver_version);
  info.cuda_runtime = cuda::version_text(device.runtime_version);
  info.max_sm_clock_mhz = nvml.max_clock_mhz(Clock::sm);
  info.max_mem_clock_mhz = nvml.max_clock_mhz(Clock::memory);
  info.power_limit_w = nvml.power_limit_w();
  info.ecc = nvml.ecc();
  return info;
}

record::Sensors read_sensors(const Nvml& nvml) {
  record::Sensors sensors;
  sensors.power_w = nvml.power_w();
  sensors.temperature_c = nvml.temperature_c();
  sensors.sm_clock_mhz = nvml.clock_mhz(Clock::sm);
  sensors.mem_clock_mhz = nvml.clock_mhz(Clock::memory);
  sensors.throttle_reasons = throttle_names(nvml.throttle_reasons().value_or(0));
  return sensors;
}

}  // namespace mlawave::env
