// What is known of one case after it ran. Names here are the names in the JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/plan/case.h"
#include "kernels/api/kernel.h"

namespace mlawave::record {

enum class Status { ok, skipped, wrong, failed, not_run };

// How the SM count was enforced: a green context, a persistent grid of that many CTAs, pinned
// threads.
enum class SmMode { partition, grid, threads };

std::string_view to_string(Status);
std::string_view to_string(SmMode);

struct Partition {
  int sms_asked = 0;
  int sms = 0;  // true count
  SmMode mode = SmMode::grid;
  std::vector<int> sm_ids;  // %smid seen (CPU: logical cores); sorted
};

struct Error {  // output against the fp64 reference
  double relative_frobenius = 0;
  double max_abs = 0;
  double lse_max_abs = 0;
  double tolerance = 0;  // for relative_frobenius
};

struct Sample {
  double time_us = 0;  // one launch: batch time / launches
  int sm_clock_mhz = 0;
  bool throttled = false;  // flagged and re-taken; not part of the summary
};

// One kernel against itself: the same case entered twice in one interleaved group.
struct AaCheck {
  std::string id;  // of the case
  std::vector<Sample> first, second;
  // Recomputed from the samples: median of second / first, sample by sample, and its 95 % interval.
  double ratio = 0, ratio_lo = 0, ratio_hi = 0;
};

// A later call that went on with a run.
struct Resumption {
  std::string start_time_utc;
  std::string command_line;
  std::string git_revision;
};

// Recomputed from the samples whenever a record is read.
struct Summary {
  double time_us = 0;                     // median
  double time_us_lo = 0, time_us_hi = 0;  // bootstrap 95 % interval of the median
  double mad_us = 0;
  int samples = 0;
};

struct Sensors {  // read beside the batch; absent where the device does not say
  std::optional<double> power_w, temperature_c;
  std::optional<int> sm_clock_mhz, mem_clock_mhz;
  std::vector<std::string> throttle_reasons;
};

struct Record {
  plan::Case what;
  std::string id;  // what.id()
  Status status = Status::not_run;
  std::string reason;  // why not ok
  api::PlanInfo plan;
  Partition partition;
  std::optional<Error> error;
  std::vector<Sample> samples;
  // Phases alone, when policy.phases; schedule only of plans that are planned on the device.
  std::vector<Sample> main_samples, schedule_samples;
  std::string stopped_by;            // "interval", "max_samples", "interrupt"
  std::string timing;                // "batch" or "graph"
  int launches_per_sample = 0;
  int cache_copies = 0;  // KV caches rotated over
  Sensors sensors;
  std::string command;  // reproduces this one row
  Summary summary;
};

}  // namespace mlawave::record
