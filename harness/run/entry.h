// A case in work: its record, and what it takes to launch and time it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "harness/measure/device.h"
#include "harness/measure/nvtx.h"
#include "harness/record/record.h"
#include "harness/run/crash_guard.h"
#include "kernels/api/kernel.h"

namespace mlawave::run {

struct Entry {
  explicit Entry(const plan::Case& what) : id(what.id()), range(id, what.n_kv) {
    record.what = what;
    record.id = id;
  }

  bool pending() const { return !ended; }
  void end(record::Status status, std::string reason = "") {
    record.status = status;
    record.reason = std::move(reason);
    ended = true;
  }

  void drop_samples() {
    record.samples.clear();
    record.main_samples.clear();
    record.schedule_samples.clear();
    record.stopped_by.clear();
  }

  void drop_timers() {
    whole.reset();
    main.reset();
    schedule.reset();
  }

  std::string id;
  measure::RangeName range;
  record::Record record;                // worth writing once the entry has ended
  std::optional<LastWords> last_words;  // from the first step on that runs its kernel
  bool ended = false;
  bool sampled = false;  // has all the samples it will get
  const api::Kernel* kernel = nullptr;
  std::unique_ptr<api::Plan> plan;
  std::unique_ptr<measure::Timer> whole;
  // Phases alone, when asked for; schedule: of a plan that is planned on the device.
  std::unique_ptr<measure::Timer> main, schedule;
};

}  // namespace mlawave::run
