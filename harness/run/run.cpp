#include "harness/run/run.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "harness/config/canonical.h"
#include "harness/env/build.h"
#include "harness/env/host.h"
#include "harness/measure/warm_up.h"
#include "harness/record/run_file.h"
#include "harness/run/command.h"
#include "harness/run/crash_guard.h"
#include "harness/run/group.h"

namespace mlawave::run {
namespace {

using Clock = std::chrono::steady_clock;

// The header, but for the ceilings, which take time to measure.
record::RunInfo header(const plan::Plan& plan, Devices devices, const Options& options) {
  record::RunInfo info;
  info.start_time_utc = env::now_utc();
  info.command_line = options.command_line;
  info.config_json = config::to_json(plan.config()).dump();
  info.config_hash = config::config_hash(plan.config());
  info.host = env::host_info();
  info.build = env::build_info();
  for (const api::Backend backend : plan.config().backends)
    for (const measure::Device* device : devices)
      if (device->backend() == backend) info.devices.push_back(device->info());
  return info;
}

class Sweep {
 public:
  Sweep(const plan::Plan& plan, api::Kernels kernels, Devices devices, const Options& options)
      : plan_(plan),
        kernels_(kernels),
        devices_(devices),
        options_(options),
        info_(header(plan, devices, options)),
        file_(options.out_dir, info_, options.resume) {
    result_.total = plan.size();
    result_.warnings = file_.warnings();
  }

  Result run() {
    if (file_.is_new()) write_header();
    const CrashGuard guard(file_.descriptor());
    for (const plan::Workload& w : plan_.workloads()) {
      if (stop()) break;
      run_workload(w);
    }
    return std::move(result_);
  }

 private:
  struct DeviceState {
    measure::WarmUp warm_up;
    std::string lost;
  };

  void write_header() {
    for (record::DeviceInfo& info : info_.devices) {
      note(fmt::format("measuring the ceilings of {}", info.name));
      info.ceilings = device_of(info.backend)->ceilings();
    }
    file_.write_header(info_);
  }

  void run_workload(const plan::Workload& w) {
    std::vector<plan::Case> cases;
    for (std::size_t i = w.first; i < w.first + w.count; ++i) {
      plan::Case c = plan_.at(i);
      if (file_.finished().contains(c.id()))
        ++result_.counts.resumed;
      else
        cases.push_back(std::move(c));
    }
    if (cases.empty()) return;
    const api::Backend backend = cases.front().backend;
    measure::Device* device = device_of(backend);
    DeviceState& state = states_[backend];
    if (!device)
      end_all(cases, record::Status::skipped,
              fmt::format("there is no {} device here", api::to_string(backend)));
    else if (!state.lost.empty())
      end_all(cases, record::Status::not_run, "the device was lost: " + state.lost);
    else
      run_group(cases, *device, state);
  }

  void run_group(const std::vector<plan::Case>& cases, measure::Device& device,
                 DeviceState& state) {
    Group group({plan_.config().policy, kernels_, device, state.warm_up, [this] { return stop(); }},
                cases);
    const GroupResult done = group.run();
    for (const record::Record& r : done.records) write(r);
    if (done.aa) write(*done.aa);
    state.lost = done.lost;
  }

  void end_all(const std::vector<plan::Case>& cases, record::Status status,
               const std::string& reason) {
    for (const plan::Case& c : cases) {
      record::Record r;
      r.what = c;
      r.id = c.id();
      r.status = status;
      r.reason = reason;
      r.command = command_for(c, plan_.config().policy);
      write(r);
    }
  }

  void write(const record::Record& r) {
    file_.append(r);
    result_.counts.add(r.status);
    if (options_.on_record) options_.on_record({result_.counts, result_.total, r});
  }

  void write(const record::AaCheck& a) {
    file_.append(a);
    const bool differ = a.ratio_lo > 1 || a.ratio_hi < 1;
    if (differ && std::abs(a.ratio - 1) > 2 * plan_.config().policy.target_interval)
      result_.warnings.push_back(
          fmt::format("A/A check: {} against itself gave a time ratio of {:.3f} [{:.3f}, {:.3f}]; "
                      "differences as small as this one say nothing",
                      a.id, a.ratio, a.ratio_lo, a.ratio_hi));
  }

  void note(const std::string& text) const {
    if (options_.on_note) options_.on_note(text);
  }

  measure::Device* device_of(api::Backend backend) const {
    for (measure::Device* device : devices_)
      if (device->backend() == backend) return device;
    return nullptr;
  }

  bool stop() {
    const double limit_s = plan_.config().policy.max_time_s;
    if (options_.stop && *options_.stop) result_.stopped_by = "interrupt";
    if (limit_s > 0 && std::chrono::duration<double>(Clock::now() - start_).count() > limit_s)
      result_.stopped_by = "max_time";
    return !result_.stopped_by.empty();
  }

  const plan::Plan& plan_;
  api::Kernels kernels_;
  Devices devices_;
  const Options& options_;
  const Clock::time_point start_ = Clock::now();
  record::RunInfo info_;
  record::RunFile file_;
  Result result_;
  std::map<api::Backend, DeviceState> states_;
};

}  // namespace

void Counts::add(record::Status status) {
  switch (status) {
    case record::Status::ok:
      ++ok;
      break;
    case record::Status::skipped:
      ++skipped;
      break;
    case record::Status::wrong:
      ++wrong;
      break;
    case record::Status::failed:
      ++failed;
      break;
    case record::Status::not_run:
      ++not_run;
      break;
  }
}

Result sweep(const plan::Plan& plan, api::Kernels kernels, Devices devices,
             const Options& options) {
  return Sweep(plan, kernels, devices, options).run();
}

}  // namespace mlawave::run
