// mlawave sweep: measures every case of a config.
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "harness/cli/commands.h"
#include "harness/cli/list.h"
#include "harness/cli/measuring.h"
#include "harness/cli/setup.h"
#include "harness/cli/sweep_flags.h"

namespace mlawave::cli {
namespace {

struct Options {
  std::string config_file;
  SweepFlags flags;
  Measuring measuring;
  bool list = false;
};

// Needs a device only for --around-boundaries, and does without where there is none.
void list(const config::SweepConfig& config, const Context& context, Machine& machine) {
  bool here = config.around_boundaries;
  for (api::Backend b : config.backends) here = here && Machine::why_not(b).empty();
  const auto slots = here ? slots_of_kernels(context.kernels, machine.open_all(config.backends))
                          : plan::SlotsOf(plan::slots_of_16_rows);
  list_cases(plan::Plan(config, slots), stdout);
}

void sweep(const Options& options, Context& context) {
  config::SweepConfig config =
      load_config(options.config_file, options.flags.given(),
                  known_names(context.kernels, Machine::built_with_cuda()));
  const std::string chosen = choose_backends(config, Machine::why_not);
  Machine machine;
  if (options.list) return list(config, context, machine);
  require_backends(config, Machine::why_not);
  if (options.measuring.out.empty())
    throw config::BadInput("--out: not given, expected a directory for the run, e.g. --out out/a");
  if (!chosen.empty()) fmt::print(stderr, "{}\n", chosen);
  measure_config(config, options.measuring, context, machine);
}

}  // namespace

void add_sweep(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("sweep", "Measure kernels over n_kv, SM count and chunk");
  command->add_option("CONFIG", options->config_file, "A JSON file of configs/; flags win over it");
  options->flags.add_to(*command);
  command->add_option("--out", options->measuring.out, "Directory for the run")->type_name("DIR");
  command->add_flag("--resume", options->measuring.resume, "Go on with the run in --out");
  command->add_flag("--list", options->list, "Print the ids of all cases and measure nothing");
  command->add_flag("--no-progress", options->measuring.no_progress, "No progress on stderr");
  command->callback([options, &context] { sweep(*options, context); });
}

}  // namespace mlawave::cli
