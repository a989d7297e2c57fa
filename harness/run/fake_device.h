// A device and kernels for tests of the loop: no arithmetic, scripted times and mishaps.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/measure/device.h"
#include "kernels/api/kernel.h"

namespace mlawave::run::fake {

inline constexpr std::int64_t kMemoryBytes = 1 << 20;
inline constexpr int kSms = 4;

// What a device did, in order: "load n256", "launch good", "sample good", …
using Log = std::vector<std::string>;

class Device : public measure::Device {
 public:
  explicit Device(int sms = kSms, std::int64_t memory_bytes = kMemoryBytes);
  const record::DeviceInfo& info() const override { return info_; }
  measure::Slice& slice(int sms) override;
  std::unique_ptr<measure::Workload> load(const api::MlaProblem&,
                                          const workload::FillSpec&) override;
  std::unique_ptr<measure::Timer> timer(measure::Slice&, measure::Workload&, measure::Launch,
                                        const measure::TimerSpec&) override;
  record::Sensors sensors() override;
  record::Ceilings ceilings() override { return {100, 1}; }
  bool healthy() const override { return healthy_; }

  Log log;
  // The n-th sample (from 0) of all timers together; by default 10 us, no clock. `launched` says
  // what is being timed.
  std::function<record::Sample(int)> sample = [](int) { return record::Sample{10, 0, false}; };
  std::function<void()> on_sample;  // before each
  api::PlanRequest launched;        // the latest
  bool healthy_ = true;
  int loads_left = 1000;  // then memory is used up
  int samples_taken = 0;

 private:
  record::DeviceInfo info_;
  std::int64_t memory_bytes_;
  std::map<int, std::unique_ptr<measure::Slice>> slices_;
};

// Writes the right answer (zeros), unless told otherwise. Tiles of 16 rows, a CTA on each SM.
class Kernel : public api::Kernel {
 public:
  Kernel(std::string name, Device& device) : name_(std::move(name)), device_(device) {}
  std::string_view name() const override { return name_; }
  std::string_view description() const override { return "a test's kernel"; }
  api::Backend backend() const override { return api::Backend::cuda; }
  api::Support supports(const api::PlanRequest&) const override { return support; }
  std::unique_ptr<api::Plan> plan(const api::PlanRequest&) const override;

  api::Support support;
  bool damages_inputs = false;  // after its launch every other kernel computes nonsense
  // Called at the n-th launch of a plan (from 0); true: the answer is right. May throw.
  std::function<bool(int)> launch = [](int) { return true; };

 private:
  friend class Plan;
  std::string name_;
  Device& device_;
};

}  // namespace mlawave::run::fake
