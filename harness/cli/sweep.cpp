// mlawave sweep: measures every case of a config.
#include <fmt/format.h>

#include <cstdio>
#include <iostream>
#include <memory>

#include "harness/cli/commands.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/list.h"
#include "harness/cli/machine.h"
#include "harness/cli/report.h"
#include "harness/cli/setup.h"
#include "harness/cli/sweep_flags.h"
#include "harness/run/run.h"

namespace mlawave::cli {
namespace {

struct Options {
  std::string config_file;
  SweepFlags flags;
  std::string out;
  bool resume = false;
  bool list = false;
  bool no_progress = false;
};

// Needs a device only for --around-boundaries, and does without where there is none.
void list(const config::SweepConfig& config, const Context& context, Machine& machine) {
  bool here = config.around_boundaries;
  for (api::Backend b : config.backends) here = here && Machine::why_not(b).empty();
  const auto slots = here ? slots_of_kernels(context.kernels, machine.open_all(config.backends))
                          : plan::SlotsOf(plan::slots_of_16_rows);
  list_cases(plan::Plan(config, slots), stdout);
}

void measure_all(const config::SweepConfig& config, const Options& options, Context& context,
                 Machine& machine) {
  const auto devices = machine.open_all(config.backends);
  check_sms(config.sms, devices);
  const plan::Plan plan(config, slots_of_kernels(context.kernels, devices));

  const Interrupt interrupt;
  Report report(std::cerr, options.no_progress ? Progress::Style::none : style_of_stderr(),
                columns_of_stderr());
  run::Options run_options;
  run_options.out_dir = options.out;
  run_options.resume = options.resume;
  run_options.command_line = context.command_line;
  run_options.stop = &Interrupt::requested();
  run_options.on_record = [&](const run::Progress& progress) { report.record(progress); };
  run_options.on_note = [&](const std::string& text) { report.note(text); };
  const run::Result result = run::sweep(plan, context.kernels, devices, run_options);
  report.end(result, options.out);
  context.exit_code = result.stopped_by == "interrupt" ? kExitInterrupted : result.exit_code();
}

void sweep(const Options& options, Context& context) {
  config::SweepConfig config =
      load_config(options.config_file, options.flags.given(),
                  known_names(context.kernels, Machine::built_with_cuda()));
  const std::string chosen = choose_backends(config, Machine::why_not);
  Machine machine;
  if (options.list) return list(config, context, machine);
  require_backends(config, Machine::why_not);
  if (options.out.empty())
    throw config::BadInput("--out: not given, expected a directory for the run, e.g. --out out/a");
  if (!chosen.empty()) fmt::print(stderr, "{}\n", chosen);
  measure_all(config, options, context, machine);
}

}  // namespace

void add_sweep(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("sweep", "Measure kernels over n_kv, SM count and chunk");
  command->add_option("CONFIG", options->config_file, "A JSON file of configs/; flags win over it");
  options->flags.add_to(*command);
  command->add_option("--out", options->out, "Directory for the run")->type_name("DIR");
  command->add_flag("--resume", options->resume, "Go on with the run in --out");
  command->add_flag("--list", options->list, "Print the ids of all cases and measure nothing");
  command->add_flag("--no-progress", options->no_progress, "No progress on stderr");
  command->callback([options, &context] { sweep(*options, context); });
}

}  // namespace mlawave::cli
