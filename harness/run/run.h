// The sweep itself: every case of a plan on its device, each finished record appended to the run
// file. The command line wires plan, kernels and devices together and calls sweep().
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "harness/measure/device.h"
#include "harness/plan/plan.h"
#include "harness/record/record.h"
#include "harness/record/run_info.h"
#include "harness/run/worker.h"
#include "kernels/api/kernel.h"

namespace mlawave::run {

using Devices = std::span<measure::Device* const>;

struct Counts {
  std::size_t ok = 0, skipped = 0, wrong = 0, failed = 0, not_run = 0;
  std::size_t resumed = 0;  // of these: finished in an earlier call, not run again

  std::size_t done() const { return ok + skipped + wrong + failed + not_run; }
  void add(record::Status);
};

struct Result {
  Counts counts;
  std::size_t total = 0;  // cases of the plan
  // Empty, "interrupt", "max_time" or, in a worker, "device_lost": the rest can be resumed.
  std::string stopped_by;
  std::vector<std::string> warnings;  // a half-written line dropped, A/A ratios off, …
  // 1 when a kernel was wrong, failed or could not be run, else 0.
  int exit_code() const { return counts.wrong + counts.failed + counts.not_run > 0 ? 1 : 0; }
};

struct Progress {
  const Counts& counts;
  std::size_t total = 0;
  const record::Record& last;
};

struct Options {
  std::string out_dir;
  bool resume = false;
  std::string command_line;                 // for the header
  std::vector<record::PluginInfo> plugins;  // for the header
  Worker* worker = nullptr;                 // not null: this process is one, see worker.h
  const std::atomic<bool>* stop = nullptr;  // set by Ctrl-C: finish the record in hand, then return
  std::function<void(const Progress&)> on_record;
  std::function<void(const std::string&)> on_note;  // "measuring ceilings", …; plain text, one line
};

// Writes out_dir/run.jsonl. Devices: at most one for each backend; cases of a backend without one
// are skipped with a reason. Throws config::BadInput: the directory cannot be written or holds
// another config's run, another sweep is writing there, the file is damaged, the disk is full.
Result sweep(const plan::Plan&, api::Kernels, Devices, const Options&);

}  // namespace mlawave::run
