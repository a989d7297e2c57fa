#include "harness/run/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

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

constexpr const char* kSameCommand = "the same command with --resume does the rest";
constexpr const char* kNewProcess = "a new process does the rest";

bool goes_on(const Worker* worker) { return worker && !worker->is_first(); }

// The header, but for the ceilings, which take time to measure.
record::RunInfo header(const plan::Plan& plan, Devices devices, const Options& options) {
  record::RunInfo info;
  info.start_time_utc = env::now_utc();
  info.command_line = options.command_line;
  info.config_json = config::to_json(plan.config()).dump();
  info.config_hash = config::config_hash(plan.config());
  info.host = env::host_info();
  info.build = env::build_info();
  info.plugins = options.plugins;
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
        file_(options.out_dir, info_, options.resume || goes_on(options.worker)) {
    result_.total = plan.size();
    result_.warnings = file_.warnings();
    if (options.worker) lost_ = options.worker->lost();
  }

  Result run() {
    if (file_.is_new()) write_header();
    const CrashGuard guard(file_.descriptor(), options_.worker ? kNewProcess : kSameCommand);
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
      const auto before = file_.finished().find(c.id());
      if (before == file_.finished().end())
        cases.push_back(std::move(c));
      else
        count_resumed(before->second);
    }
    bury_lost(cases);
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
    Group group({plan_.config().policy, kernels_, device, state.warm_up, [this] { return stop(); },
                 options_.worker},
                cases);
    const GroupResult done = group.run();
    for (const record::Record& r : done.records) write(r);
    if (done.aa) write(*done.aa);
    state.lost = done.lost;
    if (lost_for_worker(state)) options_.worker->leave_the_rest();
  }

  // In a worker a lost device ends the process, not the sweep: the next one opens it anew.
  bool lost_for_worker(const DeviceState& state) const {
    return options_.worker && !state.lost.empty();
  }

  // The case that the worker before this one died in.
  void bury_lost(std::vector<plan::Case>& cases) {
    if (!lost_) return;
    const auto at = std::find_if(cases.begin(), cases.end(),
                                 [&](const plan::Case& c) { return c.id() == lost_->id; });
    if (at == cases.end()) return;
    end_all({*at}, record::Status::failed, lost_->reason);
    cases.erase(at);
  }

  void count_resumed(record::Status status) {
    result_.counts.add(status);
    ++result_.counts.resumed;
  }

  void end_all(const std::vector<plan::Case>& cases, record::Status status,
               const std::string& reason) {
    for (const plan::Case& c : cases) {
      record::Record r;
      r.what = c;
      r.id = c.id();
      r.status = status;
      r.reason = reason;
      r.command = command_for(c, plan_.config().policy, kernels_);
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

  double elapsed_s() const {
    if (options_.worker) return options_.worker->elapsed_s();
    return std::chrono::duration<double>(Clock::now() - start_).count();
  }

  bool stop() {
    const double limit_s = plan_.config().policy.max_time_s;
    if (options_.stop && *options_.stop) result_.stopped_by = "interrupt";
    if (limit_s > 0 && elapsed_s() > limit_s) result_.stopped_by = "max_time";
    for (const auto& [backend, state] : states_)
      if (lost_for_worker(state)) result_.stopped_by = "device_lost";
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
  std::optional<LostCase> lost_;
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
