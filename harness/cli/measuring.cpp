#include "harness/cli/measuring.h"

#include <iostream>

#include "harness/cli/interrupt.h"
#include "harness/cli/report.h"

namespace mlawave::cli {

run::Result measure_config(const config::SweepConfig& config, const Measuring& how,
                           Context& context, Machine& machine) {
  const auto devices = machine.open_all(config.backends);
  check_sms(config.sms, devices);
  const plan::Plan plan(config, slots_of_kernels(context.kernels, devices));

  const Interrupt interrupt;
  Report report(std::cerr, how.no_progress ? Progress::Style::none : style_of_stderr(),
                columns_of_stderr());
  run::Options options;
  options.out_dir = how.out;
  options.resume = how.resume;
  options.command_line = context.command_line;
  options.stop = &Interrupt::requested();
  options.on_record = [&](const run::Progress& progress) { report.record(progress); };
  options.on_note = [&](const std::string& text) { report.note(text); };
  const run::Result result = run::sweep(plan, context.kernels, devices, options);
  report.end(result, how.out);
  context.exit_code = result.stopped_by == "interrupt" ? kExitInterrupted : result.exit_code();
  return result;
}

}  // namespace mlawave::cli
