// mlawave sweep: measures every case of a config.
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "harness/cli/commands.h"
#include "harness/cli/list.h"
#include "harness/cli/setup.h"
#include "harness/cli/sweep_flags.h"

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

std::string why_not(api::Backend b) { return b == api::Backend::cuda ? "x" : ""; }

void sweep(const Options& options, Context& context) {
  config::SweepConfig config =
      load_config(options.config_file, options.flags.given(), known_names(context.kernels, false));
  const std::string chosen = choose_backends(config, why_not);
  if (options.list) return list_cases(plan::Plan(config), stdout);
  require_backends(config, why_not);
  if (options.out.empty())
    throw config::BadInput(
        "--out: not given, expected the directory for the run, e.g. --out out/run1");
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
