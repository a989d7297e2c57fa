// mlawave sweep: measures every case of a config.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "harness/cli/commands.h"
#include "harness/cli/confirm.h"
#include "harness/cli/list.h"
#include "harness/cli/machine.h"
#include "harness/cli/measuring.h"
#include "harness/cli/plugins.h"
#include "harness/cli/setup.h"
#include "harness/cli/sweep_flags.h"
#include "harness/run/worker.h"

namespace mlawave::cli {
namespace {

struct SweepOptions {
  std::string config_file;
  SweepFlags flags;
  std::vector<std::string> plugins;
  Measuring measuring;
  bool list = false;
  bool confirm = false;
};

// Needs a device only for --around-boundaries, and does without where there is none.
void list(const config::SweepConfig& config, api::Kernels kernels, Machine& machine) {
  bool here = config.around_boundaries;
  for (api::Backend b : config.backends) here = here && Machine::why_not(b).empty();
  const auto slots = here ? slots_of_kernels(kernels, machine.open_all(config.backends))
                          : plan::SlotsOf(plan::slots_of_16_rows);
  list_cases(plan::Plan(config, slots), stdout);
}

// Proves the dips of the run in options.measuring.out, in what is left of its time.
void prove(Measurement& measurement, config::SweepConfig config, const SweepOptions& options,
           const Plugins& plugins, double seconds_spent) {
  constexpr double kNoTime = 1e-3;  // 0 would be no limit
  if (config.policy.max_time_s > 0)
    config.policy.max_time_s = std::max(kNoTime, config.policy.max_time_s - seconds_spent);
  std::string text;
  measurement.measure(options.measuring.out + "/confirm", [&](const run::Options& o) {
    Proof proof = confirm(config, plugins.kernels(), measurement.devices(), o);
    text = std::move(proof.text);
    return proof.measured;
  });
  fmt::print("{}", text);
}

void measure_all(const config::SweepConfig& config, const SweepOptions& options,
                 const Plugins& plugins, Context& context, Machine& machine) {
  const auto begin = std::chrono::steady_clock::now();
  Measurement measurement(config, options.measuring, plugins, context, machine);
  const run::Result result = measurement.run();
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
  if (options.confirm && result.stopped_by.empty())
    prove(measurement, config, options, plugins, spent.count());
}

void sweep(const SweepOptions& options, Context& context) {
  if (needs_worker(options.plugins)) {
    context.exit_code = run::supervise(context.argv);
    return;
  }
  const Plugins plugins(options.plugins, context.kernels);
  config::SweepConfig config =
      load_config(options.config_file, options.flags.given(),
                  known_names(plugins.kernels(), Machine::built_with_cuda()));
  const std::string chosen = choose_backends(config, Machine::why_not);
  Machine machine;
  if (options.list) return list(config, plugins.kernels(), machine);
  require_backends(config, Machine::why_not);
  if (options.measuring.out.empty())
    throw config::BadInput("--out: not given, expected a directory for the run, e.g. --out out/a");
  if (!chosen.empty()) fmt::print(stderr, "{}\n", chosen);
  measure_all(config, options, plugins, context, machine);
}

}  // namespace

void add_sweep(CLI::App& app, Context& context) {
  auto options = std::make_shared<SweepOptions>();
  CLI::App* command = app.add_subcommand("sweep", "Measure kernels over n_kv, SM count and chunk");
  command->add_option("CONFIG", options->config_file, "A JSON file of configs/; flags win over it");
  options->flags.add_to(*command);
  add_plugin_flag(*command, options->plugins);
  command->add_option("--out", options->measuring.out, "Directory for the run")->type_name("DIR");
  command->add_flag("--resume", options->measuring.resume, "Go on with the run in --out");
  command->add_flag("--confirm", options->confirm,
                    "Then prove the dips: measure at another SM count and another chunk where each "
                    "must move to; DIR/confirm, confirm.json, confirm.txt. A refuted dip is a "
                    "finding: exit code 0");
  command->add_flag("--list", options->list,
                    "Print the ids of all cases and measure nothing (those of --confirm follow "
                    "from the run)");
  command->add_flag("--no-progress", options->measuring.no_progress, "No progress on stderr");
  command->callback([options, &context] { sweep(*options, context); });
}

}  // namespace mlawave::cli
