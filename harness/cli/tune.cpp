// mlawave tune: which schedule and chunk, measured here, predicted for a card, or from a run.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>

#include "harness/analysis/tune_report.h"
#include "harness/cli/commands.h"
#include "harness/cli/measuring.h"
#include "harness/cli/predictions.h"
#include "harness/cli/setup.h"
#include "harness/cli/sweep_flags.h"
#include "harness/config/bad_input.h"
#include "harness/model/predicted_run.h"

namespace mlawave::cli {
namespace {

using config::BadInput;

struct TuneOptions {
  std::string config_file;
  SweepFlags flags;
  Measuring measuring;
  std::vector<std::string> runs;
  std::string gpu;
  std::vector<std::string> fit;
  bool json = false;
};

bool given(const config::Flags& flags, std::string_view flag) {
  return std::any_of(flags.begin(), flags.end(), [&](const auto& f) { return f.first == flag; });
}

// What is tried when the user leaves it open; a config file says it all itself.
config::Flags with_defaults(const TuneOptions& o, bool predicted) {
  config::Flags flags = o.flags.given();
  if (!o.config_file.empty()) return flags;
  const auto add = [&](const char* flag, std::vector<std::string> texts) {
    if (!given(flags, flag)) flags.emplace_back(flag, std::move(texts));
  };
  std::vector<std::string> schedules;
  for (schedule::Kind kind : schedule::kAllKinds) schedules.emplace_back(schedule::to_string(kind));
  add("--schedule", std::move(schedules));
  add("--chunk", {"64,128,256,512"});
  if (predicted && !given(flags, "--ragged")) add("--n-kv", {"256:66560:256"});
  return flags;
}

void print(const std::vector<analysis::Tuning>& all, bool json) {
  if (json) {
    fmt::print("{}", analysis::as_json(all));
    return;
  }
  for (std::size_t i = 0; i < all.size(); ++i)
    fmt::print("{}{}", i == 0 ? "" : "\n", analysis::as_text(all[i]));
}

analysis::Range range_of(const TuneOptions& o) {
  const config::Flags flags = o.flags.given();
  if (flags.empty()) return {};
  const auto only_n_kv = [](const auto& f) { return f.first == "--n-kv"; };
  if (!std::all_of(flags.begin(), flags.end(), only_n_kv) || !o.config_file.empty())
    throw BadInput(
        "--run: its axes are measured already; expected no config and no axis but --n-kv");
  const config::SweepConfig c = config::read_config({}, flags, {});
  const auto [lo, hi] = std::minmax_element(c.n_kv.begin(), c.n_kv.end());
  return {*lo, *hi};
}

void from_runs(const TuneOptions& o) {
  if (!o.gpu.empty() || !o.fit.empty() || !o.measuring.out.empty() || o.measuring.resume)
    throw BadInput("--run: judges what was measured; expected no --gpu, --fit, --out, --resume");
  const analysis::Range range = range_of(o);
  std::vector<analysis::Tuning> all;
  for (const std::string& path : o.runs) {
    const record::Run run = record::read_run(path);
    for (const std::string& w : run.warnings) fmt::print(stderr, "{}\n", w);
    for (auto& t : analysis::tune_run(run, path, range)) all.push_back(std::move(t));
  }
  print(all, o.json);
}

void predicted(const TuneOptions& o, const Context& context, const model::Gpu& gpu) {
  const auto kernels = kernels_on(gpu, fitted_kernels(o.fit, {}));
  config::KnownNames known;
  for (const auto& m : kernels) known.kernels.push_back(m.kernel);
  known.note = fmt::format("these are fitted and run on the {}", gpu.name);
  const config::Flags flags = with_defaults(o, true);
  config::SweepConfig config = load_config(o.config_file, flags, known);
  for (config::Cache cache : config.caches)
    if (cache != config::Cache::cold)
      throw BadInput("--cache: the time model is of cold caches; expected cold");
  config.backends = {api::Backend::model};
  if (o.config_file.empty() && !given(flags, "--kernel")) config.kernels = known.kernels;
  config.around_boundaries = true;
  config.policy.phases = true;
  const plan::Plan plan(config, model::slots_of_models(kernels, gpu));
  const record::Run run = predicted_run(plan, kernels, gpu, context.command_line);
  if (!o.measuring.out.empty()) write_run(o.measuring.out, run);
  print(analysis::tune_run(run, "--gpu", {}), o.json);
}

// The card to predict; nothing when there is one here to measure.
std::optional<model::Gpu> card_of(const TuneOptions& o, Machine& machine) {
  const bool backend = given(o.flags.given(), "--backend");
  const std::string no_gpu = Machine::why_not(api::Backend::cuda);
  if (o.gpu.empty() && !backend && o.config_file.empty() && !no_gpu.empty())
    throw BadInput(
        fmt::format("nothing to measure on: {}; expected --gpu NAME (predicted), --backend cpu "
                    "(measured on the "
                    "CPU) or --run DIR (measured before)",
                    no_gpu));
  if (o.gpu.empty()) return std::nullopt;
  if (backend) throw BadInput("--gpu: names a card to predict; expected no --backend with it");
  const model::Gpu wanted = gpu_of_flag(o.gpu);
  if (!no_gpu.empty()) return wanted;
  const auto here = model::gpu_named_in(machine.open(api::Backend::cuda).info().name);
  if (!here || here->name != wanted.name) return wanted;
  fmt::print(stderr, "The {} is here: measuring\n", wanted.name);
  return std::nullopt;
}

void measured(const TuneOptions& o, Context& context, Machine& machine) {
  if (!o.fit.empty()) throw BadInput("--fit: is for predictions; expected --gpu with it");
  config::SweepConfig config =
      load_config(o.config_file, with_defaults(o, false),
                  known_names(context.kernels, Machine::built_with_cuda()));
  const std::string chosen = choose_backends(config, Machine::why_not);
  require_backends(config, Machine::why_not);
  if (o.measuring.out.empty())
    throw BadInput("--out: not given, expected a directory for the run, e.g. --out out/tune");
  if (!chosen.empty()) fmt::print(stderr, "{}\n", chosen);
  config.policy.phases = true;
  const run::Result result =
      Measurement(config, o.measuring, Plugins({}, context.kernels), context, machine).run();
  if (result.counts.ok + result.counts.resumed == 0) return;
  print(analysis::tune_run(record::read_run(o.measuring.out), o.measuring.out, {}), o.json);
}

void tune(const TuneOptions& o, Context& context) {
  if (!o.runs.empty()) return from_runs(o);
  Machine machine;
  if (const auto gpu = card_of(o, machine)) return predicted(o, context, *gpu);
  measured(o, context, machine);
}

}  // namespace

void add_tune(CLI::App& app, Context& context) {
  auto o = std::make_shared<TuneOptions>();
  CLI::App* c = app.add_subcommand(
      "tune", "Which schedule and chunk: least total time, shallowest dips, and their price");
  c->add_option("CONFIG", o->config_file, "A JSON file of configs/; flags win over it");
  c->add_option("--run", o->runs, "Judge a run that is there already")->type_name("DIR");
  c->add_option("--gpu", o->gpu, "Predict for this card, unless it is here: \"RTX 4080\"");
  c->add_option("--fit", o->fit, "Predict from these measured runs, or from a file of --save-fit")
      ->type_name("RUN");
  c->add_flag("--json", o->json, "For programs");
  o->flags.add_to(*c);
  c->add_option("--out", o->measuring.out, "Directory for the run")->type_name("DIR");
  c->add_flag("--resume", o->measuring.resume, "Go on with the run in --out");
  c->add_flag("--no-progress", o->measuring.no_progress, "No progress on stderr");
  c->callback([o, &context] { tune(*o, context); });
}

}  // namespace mlawave::cli
