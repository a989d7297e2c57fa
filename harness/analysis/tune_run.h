// A run, measured or predicted -> which schedule and chunk to take, for each of its problems.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "harness/analysis/tune.h"
#include "harness/record/read_run.h"

namespace mlawave::analysis {

struct Tuning {
  api::Backend backend = api::Backend::cuda;  // model: predicted, everything else: measured
  std::string device;
  int sms = 0, heads = 0, s_q = 0, batch = 0;
  std::string dtype, layout, cache;
  double interval_percent = 0;  // of a predicted time, common to all choices; 0: measured
  Judgement judgement;
};

struct Range {
  std::int64_t lo = 0, hi = std::numeric_limits<std::int64_t>::max();
};

// One for each combination of SM count, heads, batch, … in the run, in the order of the records.
// Ragged batches are left out. Where a measured run has no phases, the combine is that of a time
// model fitted to the same run, when one fits. Throws config::BadInput naming `source` when no
// record in `range` has a time.
std::vector<Tuning> tune_run(const record::Run&, const std::string& source, const Range&);

}  // namespace mlawave::analysis
