#include "harness/cli/measuring.h"

#include <algorithm>
#include <iostream>

#include "harness/cli/report.h"
#include "harness/run/worker.h"

namespace mlawave::cli {

Measurement::Measurement(const config::SweepConfig& config, const Measuring& how,
                         const Plugins& plugins, Context& context, Machine& machine)
    : config_(config),
      how_(how),
      plugins_(plugins),
      context_(context),
      devices_(machine.open_all(config.backends)) {
  check_sms(config.sms, devices_);
}

run::Result Measurement::run() {
  const plan::Plan plan(config_, slots_of_kernels(plugins_.kernels(), devices_));
  return measure(how_.out, [&](const run::Options& options) {
    return run::sweep(plan, plugins_.kernels(), devices_, options);
  });
}

run::Result Measurement::measure(const std::string& out_dir,
                                 const std::function<run::Result(const run::Options&)>& sweep) {
  Report report(std::cerr, how_.no_progress ? Progress::Style::none : style_of_stderr(),
                columns_of_stderr());
  run::Options options;
  options.out_dir = how_.out;
  options.resume = how_.resume;
  options.command_line = context_.command_line;
  options.plugins = plugins_.info();
  options.worker = run::Worker::self();
  options.stop = &Interrupt::requested();
  options.on_record = [&](const run::Progress& progress) { report.record(progress); };
  options.on_note = [&](const std::string& text) { report.note(text); };
  const run::Result result = sweep(options);
  // After a lost device another worker sums up.
  if (result.total > 0 && result.stopped_by != "device_lost") report.end(result, out_dir);
  context_.exit_code = result.stopped_by == "interrupt"
                           ? kExitInterrupted
                           : std::max(context_.exit_code, result.exit_code());
  return result;
}

}  // namespace mlawave::cli
