// What NVML says of a GPU. The library is opened at run time: it comes with the driver, and the
// program must start without it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mlawave::env {

// Bits of nvmlDeviceGetCurrentClocksThrottleReasons (nvml.h, NvmlClocksEventReasons).
enum ThrottleReason : unsigned long long {
  kThrottleSwPowerCap = 0x04,
  kThrottleHwSlowdown = 0x08,
  kThrottleSyncBoost = 0x10,
  kThrottleSwThermal = 0x20,
  kThrottleHwThermal = 0x40,
  kThrottleHwPowerBrake = 0x80,
};

// The clock was taken away by heat or by the power supply. The software power cap is not among
// them: a card under full load lives there; it is named in the sensors and seen in the clock.
inline constexpr unsigned long long kThrottleHarmful =
    kThrottleHwSlowdown | kThrottleSwThermal | kThrottleHwThermal | kThrottleHwPowerBrake;

// "sw_power_cap", "hw_thermal_slowdown", …; idle and user-set clocks are not named.
std::vector<std::string> throttle_names(unsigned long long reasons);

enum class Clock { sm = 1, memory = 2 };  // nvmlClockType_t

// Every question may go unanswered: no library, no permission, a GPU that has no such sensor.
class Nvml {
 public:
  // The GPU with this UUID ("GPU-…").
  explicit Nvml(const std::string& uuid);
  ~Nvml();
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;

  bool available() const;
  std::optional<std::string> driver_version() const;  // "580.95.05"
  std::optional<int> clock_mhz(Clock) const;          // right now
  std::optional<int> max_clock_mhz(Clock) const;
  std::optional<double> power_w() const;
  std::optional<double> power_limit_w() const;  // the limit in force
  std::optional<double> temperature_c() const;
  std::optional<bool> ecc() const;
  std::optional<unsigned long long> throttle_reasons() const;

 private:
  struct Library;
  std::unique_ptr<Library> library_;
};

}  // namespace mlawave::env
