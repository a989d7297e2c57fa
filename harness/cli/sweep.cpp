// mlawave sweep: measures every case of a config.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "harness/cli/commands.h"
#include "harness/cli/confirm.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/list.h"
#include "harness/cli/machine.h"
#include "harness/cli/plugins.h"
#include "harness/cli/report.h"
#include "harness/cli/setup.h"
#include "harness/cli/sweep_flags.h"
#include "harness/run/run.h"
#include "harness/run/worker.h"

namespace mlawave::cli {
namespace {

struct Options {
  std::string config_file;
  SweepFlags flags;
  std::vector<std::string> plugins;
  std::string out;
  bool resume = false;
  bool list = false;
  bool confirm = false;
  bool no_progress = false;
};

// Needs a device only for --around-boundaries, and does without where there is none.
void list(const config::SweepConfig& config, api::Kernels kernels, Machine& machine) {
  bool here = config.around_boundaries;
  for (api::Backend b : config.backends) here = here && Machine::why_not(b).empty();
  const auto slots = here ? slots_of_kernels(kernels, machine.open_all(config.backends))
                          : plan::SlotsOf(plan::slots_of_16_rows);
  list_cases(plan::Plan(config, slots), stdout);
}

class Measurement {
 public:
  Measurement(const config::SweepConfig& config, const Options& options, const Plugins& plugins,
              Context& context, Machine& machine)
      : config_(config),
        options_(options),
        plugins_(plugins),
        context_(context),
        devices_(machine.open_all(config.backends)) {}

  void run() {
    check_sms(config_.sms, devices_);
    const plan::Plan plan(config_, slots_of_kernels(plugins_.kernels(), devices_));
    const bool whole = measure(options_.out, [&](const run::Options& o) {
      return run::sweep(plan, plugins_.kernels(), devices_, o);
    });
    if (options_.confirm && whole) prove();
  }

 private:
  // True when nothing stopped it.
  template <class Sweep>
  bool measure(const std::string& out_dir, Sweep sweep) {
    Report report(std::cerr, options_.no_progress ? Progress::Style::none : style_of_stderr(),
                  columns_of_stderr());
    run::Options o;
    o.out_dir = options_.out;
    o.resume = options_.resume;
    o.command_line = context_.command_line;
    o.plugins = plugins_.info();
    o.worker = run::Worker::self();
    o.stop = &Interrupt::requested();
    o.on_record = [&](const run::Progress& progress) { report.record(progress); };
    o.on_note = [&](const std::string& text) { report.note(text); };
    const run::Result result = sweep(o);
    // After a lost device another worker sums up.
    if (result.total > 0 && result.stopped_by != "device_lost") report.end(result, out_dir);
    context_.exit_code = result.stopped_by == "interrupt"
                             ? kExitInterrupted
                             : std::max(context_.exit_code, result.exit_code());
    return result.stopped_by.empty();
  }

  void prove() {
    config::SweepConfig rest = config_;
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin_;
    constexpr double kNoTime = 1e-3;  // 0 would be no limit
    if (rest.policy.max_time_s > 0)
      rest.policy.max_time_s = std::max(kNoTime, rest.policy.max_time_s - spent.count());
    std::string text;
    measure(options_.out + "/confirm", [&](const run::Options& o) {
      Proof proof = confirm(rest, plugins_.kernels(), devices_, o);
      text = std::move(proof.text);
      return proof.measured;
    });
    fmt::print("{}", text);
  }

  const config::SweepConfig& config_;
  const Options& options_;
  const Plugins& plugins_;
  Context& context_;
  std::vector<measure::Device*> devices_;
  const Interrupt interrupt_;
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

void sweep(const Options& options, Context& context) {
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
  if (options.out.empty())
    throw config::BadInput("--out: not given, expected a directory for the run, e.g. --out out/a");
  if (!chosen.empty()) fmt::print(stderr, "{}\n", chosen);
  Measurement(config, options, plugins, context, machine).run();
}

}  // namespace

void add_sweep(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("sweep", "Measure kernels over n_kv, SM count and chunk");
  command->add_option("CONFIG", options->config_file, "A JSON file of configs/; flags win over it");
  options->flags.add_to(*command);
  add_plugin_flag(*command, options->plugins);
  command->add_option("--out", options->out, "Directory for the run")->type_name("DIR");
  command->add_flag("--resume", options->resume, "Go on with the run in --out");
  command->add_flag("--confirm", options->confirm,
                    "Then prove the dips: measure at another SM count and another chunk where each "
                    "must move to; DIR/confirm, confirm.json, confirm.txt. A refuted dip is a "
                    "finding: exit code 0");
  command->add_flag("--list", options->list,
                    "Print the ids of all cases and measure nothing (those of --confirm follow "
                    "from the run)");
  command->add_flag("--no-progress", options->no_progress, "No progress on stderr");
  command->callback([options, &context] { sweep(*options, context); });
}

}  // namespace mlawave::cli
