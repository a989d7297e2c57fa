#include "harness/env/cuda/nvml.h"

#include <dlfcn.h>

#include <array>
#include <utility>

namespace mlawave::env {
namespace {

// The prototypes we use, from NVIDIA's NVML reference; nvml.h is often not installed.
using Return = int;  // 0: success
using Device = struct nvmlDevice_st*;
constexpr Return kSuccess = 0;
constexpr unsigned kTemperatureGpu = 0;
constexpr unsigned kDriverVersionLength = 80;

constexpr std::array<std::pair<ThrottleReason, const char*>, 6> kNames{
    {{kThrottleSwPowerCap, "sw_power_cap"},
     {kThrottleHwSlowdown, "hw_slowdown"},
     {kThrottleSyncBoost, "sync_boost"},
     {kThrottleSwThermal, "sw_thermal_slowdown"},
     {kThrottleHwThermal, "hw_thermal_slowdown"},
     {kThrottleHwPowerBrake, "hw_power_brake_slowdown"}}};

}  // namespace

std::vector<std::string> throttle_names(unsigned long long reasons) {
  std::vector<std::string> names;
  for (const auto& [bit, name] : kNames)
    if (reasons & bit) names.emplace_back(name);
  return names;
}

struct Nvml::Library {
  void* handle = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
  Device device = nullptr;

  ~Library() {
    if (handle) dlclose(handle);
  }

  // Calls the function of that name; false when it is missing or says no.
  template <class... Args>
  bool call(const char* name, Args... args) const {
    if (!handle) return false;
    const auto function = reinterpret_cast<Return (*)(Args...)>(dlsym(handle, name));
    return function && function(args...) == kSuccess;
  }

  template <class Value, class... Args>
  std::optional<Value> ask(const char* name, Args... args) const {
    Value value{};
    if (!device || !call(name, device, args..., &value)) return std::nullopt;
    return value;
  }
};

Nvml::Nvml(const std::string& uuid) : library_(std::make_unique<Library>()) {
  if (!library_->call("nvmlInit_v2")) return;
  if (!library_->call("nvmlDeviceGetHandleByUUID", uuid.c_str(), &library_->device))
    library_->device = nullptr;
}

Nvml::~Nvml() { library_->call("nvmlShutdown"); }

bool Nvml::available() const { return library_->device != nullptr; }

std::optional<std::string> Nvml::driver_version() const {
  char text[kDriverVersionLength] = {};
  if (!library_->call("nvmlSystemGetDriverVersion", text, kDriverVersionLength))
    return std::nullopt;
  return text;
}

std::optional<int> Nvml::clock_mhz(Clock clock) const {
  return library_->ask<unsigned>("nvmlDeviceGetClockInfo", static_cast<int>(clock));
}

std::optional<int> Nvml::max_clock_mhz(Clock clock) const {
  return library_->ask<unsigned>("nvmlDeviceGetMaxClockInfo", static_cast<int>(clock));
}

std::optional<double> Nvml::power_w() const {
  const auto milliwatts = library_->ask<unsigned>("nvmlDeviceGetPowerUsage");
  if (!milliwatts) return std::nullopt;
  return *milliwatts / 1e3;
}

std::optional<double> Nvml::power_limit_w() const {
  const auto milliwatts = library_->ask<unsigned>("nvmlDeviceGetEnforcedPowerLimit");
  if (!milliwatts) return std::nullopt;
  return *milliwatts / 1e3;
}

std::optional<double> Nvml::temperature_c() const {
  return library_->ask<unsigned>("nvmlDeviceGetTemperature", kTemperatureGpu);
}

std::optional<bool> Nvml::ecc() const {
  unsigned current = 0, pending = 0;
  if (!library_->device ||
      !library_->call("nvmlDeviceGetEccMode", library_->device, &current, &pending))
    return std::nullopt;
  return current != 0;
}

std::optional<unsigned long long> Nvml::throttle_reasons() const {
  return library_->ask<unsigned long long>("nvmlDeviceGetCurrentClocksThrottleReasons");
}

}  // namespace mlawave::env
