#include "harness/cli/confirm.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "harness/analysis/confirm_report.h"
#include "harness/analysis/explain.h"
#include "harness/analysis/from_run.h"
#include "harness/config/bad_input.h"
#include "harness/record/read_run.h"

namespace mlawave::cli {
namespace {

namespace fs = std::filesystem;

// On a GPU, an SM count is asked for by making its green context.
std::optional<analysis::Dealt> deal(const plan::Case& c, api::Kernels kernels,
                                    run::Devices devices) {
  for (measure::Device* device : devices)
    for (const api::Kernel* kernel : kernels) {
      if (device->backend() != c.backend || kernel->backend() != c.backend ||
          kernel->name() != c.kernel)
        continue;
      api::PlanRequest request{c.problem(), c.policy, 0};
      try {
        request.sms = device->slice(c.sms).partition().sms;
      } catch (const measure::Unavailable&) {
        return std::nullopt;
      }
      if (!kernel->supports(request).ok) return std::nullopt;
      const auto plan = kernel->plan(request);
      return analysis::Dealt{plan->info().slots, plan->info().n_tiles};
    }
  return std::nullopt;
}

analysis::ConfirmPlan plan_for(const std::string& run_dir, api::Kernels kernels,
                               run::Devices devices) {
  const record::Run run = record::read_run(run_dir);
  const auto series = analysis::series_of(run, run_dir);
  const auto explanations = analysis::explain_all(series);
  return analysis::plan_confirmation(
      run, series, explanations, [&](const plan::Case& c) { return deal(c, kernels, devices); });
}

void write(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) throw config::BadInput(fmt::format("{}: cannot be written", path.string()));
}

}  // namespace

Proof confirm(const config::SweepConfig& config, api::Kernels kernels, run::Devices devices,
              const run::Options& options) {
  const fs::path dir = options.out_dir;
  const analysis::ConfirmPlan plan = plan_for(options.out_dir, kernels, devices);
  const auto cases = plan.cases();
  Proof proof;
  record::Run measured;
  if (!cases.empty()) {
    if (options.on_note) options.on_note(analysis::in_short(plan));
    config::SweepConfig labelled = config;
    labelled.name += "-confirm";
    labelled.description = "Experiments of --confirm: where the dips of " + config.name +
                           " must move to with another SM count or chunk.";
    run::Options beside = options;
    beside.out_dir = (dir / "confirm").string();
    proof.measured = run::sweep(plan::Plan(labelled, cases), kernels, devices, beside);
    if (!proof.measured.stopped_by.empty()) return proof;
    measured = record::read_run(beside.out_dir);
  }
  const analysis::Confirmation found = analysis::judge(plan, measured);
  proof.text = analysis::as_text(found);
  write(dir / "confirm.json", analysis::as_json(found));
  write(dir / "confirm.txt", proof.text);
  return proof;
}

}  // namespace mlawave::cli
