// Measuring a config into a run directory, for every command that measures.
#pragma once

#include <string>

#include "harness/cli/commands.h"
#include "harness/cli/machine.h"
#include "harness/config/sweep_config.h"
#include "harness/run/run.h"

namespace mlawave::cli {

struct Measuring {
  std::string out;  // directory for the run
  bool resume = false;
  bool no_progress = false;
};

// Every case of the config, with progress on stderr; sets the context's exit code. Ctrl-C ends it
// after the record in hand. Throws config::BadInput as run::sweep, and for SM counts that no device
// can make.
run::Result measure_config(const config::SweepConfig&, const Measuring&, Context&, Machine&);

}  // namespace mlawave::cli
