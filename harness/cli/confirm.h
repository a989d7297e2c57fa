// `sweep --confirm`: the dips of a finished run, proved or refuted.
#pragma once

#include <string>

#include "harness/run/run.h"

namespace mlawave::cli {

struct Proof {
  run::Result measured;
  std::string text;  // empty when it was stopped before all was measured
};

// Explains the run in options.out_dir, measures where its dips must move to into
// out_dir/confirm/run.jsonl, judges, and writes confirm.json and confirm.txt to out_dir. `config`
// is the run's own. Throws config::BadInput: as run::sweep, or the files cannot be written.
Proof confirm(const config::SweepConfig& config, api::Kernels, run::Devices, const run::Options&);

}  // namespace mlawave::cli
