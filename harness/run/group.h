// One workload and its cases: loaded once, each case verified, then all of them timed in
// alternation, then each verified once more.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "harness/config/sweep_config.h"
#include "harness/measure/device.h"
#include "harness/measure/warm_up.h"
#include "harness/record/record.h"
#include "harness/run/entry.h"
#include "harness/run/sampling.h"
#include "harness/run/worker.h"
#include "kernels/api/kernel.h"

namespace mlawave::run {

struct GroupContext {
  const config::Policy& policy;
  api::Kernels kernels;
  measure::Device& device;
  measure::WarmUp& warm_up;
  std::function<bool()> stop;
  Worker* worker = nullptr;  // told before every step of a case
};

struct GroupResult {
  std::vector<record::Record> records;  // of the cases that ended; all, unless stop() said so
  std::optional<record::AaCheck> aa;
  std::string lost;  // why the device cannot go on; empty: it can
};

class Group {
 public:
  // Cases share workload_id() and the device's backend; at least one.
  Group(const GroupContext&, const std::vector<plan::Case>& cases);
  ~Group();
  GroupResult run();

 private:
  using Step = std::function<void()>;

  void find_kernel(Entry&);
  void choose_kernel(Entry&);
  void load();
  void prepare(Entry&);
  void launch_and_verify(Entry&, measure::Activity);
  void add_twin();
  void make_timers();
  void drop_timers();
  void warm_up();
  void sample();
  void finish(Entry&);
  void attempt(Entry&, const Step&);
  void catch_all(Entry&, const Step&);
  void attempt_all(const Step&);
  void lose_device(const std::string& why);
  GroupResult result();
  std::vector<Entry*> pending();
  std::vector<Entry*> to_be_timed();  // the twin included
  std::unique_ptr<measure::Timer> timer(Entry&, api::Phase);

  GroupContext context_;
  api::MlaProblem problem_;
  std::mt19937_64 random_;
  std::string lost_;
  measure::Slice* slice_ = nullptr;
  std::unique_ptr<measure::Workload> workload_;
  workload::Output reference_;
  std::vector<std::unique_ptr<Entry>> entries_;  // after workload_: plans and timers end first
  std::unique_ptr<Entry> twin_;
  Entry* twin_of_ = nullptr;
};

}  // namespace mlawave::run
