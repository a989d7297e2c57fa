// Measuring into a run directory, with progress on stderr, for every command that measures. Ctrl-C
// ends it after the record in hand.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/cli/commands.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/machine.h"
#include "harness/cli/plugins.h"
#include "harness/config/sweep_config.h"
#include "harness/run/run.h"

namespace mlawave::cli {

struct Measuring {
  std::string out;  // directory for the run
  bool resume = false;
  bool no_progress = false;
};

class Measurement {
 public:
  // Opens the config's devices. All outlive this. Throws config::BadInput for SM counts that no
  // device can make.
  Measurement(const config::SweepConfig&, const Measuring&, const Plugins&, Context&, Machine&);

  // Every case of the config into Measuring::out. Throws config::BadInput as run::sweep.
  run::Result run();

  // Runs `sweep` with the options of this command and progress on stderr, ends with a line on
  // `out_dir`, and sets the context's exit code to the worst so far.
  run::Result measure(const std::string& out_dir,
                      const std::function<run::Result(const run::Options&)>& sweep);

  run::Devices devices() const { return devices_; }

 private:
  const config::SweepConfig& config_;
  const Measuring& how_;
  const Plugins& plugins_;
  Context& context_;
  std::vector<measure::Device*> devices_;
  const Interrupt interrupt_;
};

}  // namespace mlawave::cli
