// mlawave predict: the curve of a GPU that is not here, from kernels fitted on one that was.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <memory>

#include "harness/cli/commands.h"
#include "harness/cli/predictions.h"
#include "harness/config/axis_text.h"
#include "harness/config/bad_input.h"
#include "harness/model/tiles.h"

namespace mlawave::cli {
namespace {

using config::BadInput;

struct PredictFlags {
  std::string gpu, model, out, save_fit, check;
  std::vector<std::string> fit;
  std::string n_kv = "256:66560:256", chunk = "256", sms, fit_sms, fit_chunk;
  std::vector<std::string> kernels;
  int heads = 0, s_q = 1, batch = 1, ctas_per_sm = 0;
};

std::vector<std::int64_t> axis(const char* flag, const std::string& text) {
  if (text.empty()) return {};
  try {
    return config::expand_axis(text);
  } catch (const config::AxisError& e) {
    throw BadInput(fmt::format("{}: \"{}\", expected {}", flag, e.item, e.what()));
  }
}

std::vector<int> small_axis(const char* flag, const std::string& text, std::int64_t lo,
                            std::int64_t hi) {
  std::vector<int> out;
  for (std::int64_t v : axis(flag, text)) {
    if (v < lo || v > hi) throw BadInput(fmt::format("{}: {}, expected {}..{}", flag, v, lo, hi));
    out.push_back(static_cast<int>(v));
  }
  return out;
}

std::vector<int> chunks(const char* flag, const std::string& text) {
  const auto list = small_axis(flag, text, schedule::kMinChunk, schedule::kMaxChunk);
  for (int c : list)
    if (c % schedule::kMinChunk != 0)
      throw BadInput(
          fmt::format("{}: {}, expected a multiple of {}", flag, c, schedule::kMinChunk));
  return list;
}

model::Filter filter_of(const PredictFlags& f) {
  return {small_axis("--fit-sms", f.fit_sms, 1, 100000),
          chunks("--fit-chunk", f.fit_chunk),
          {},
          f.kernels};
}

void print_fit(const model::KernelModel& m) {
  fmt::print(
      "{} (fitted on {}, {} rows): launch {:.2f} µs, unit {:.3f} + {:.5f} µs per token, "
      "memory {:.0f} GB/s, combine {:.2f} + {:.4f} µs per part; rows are off by {:.1f} % on "
      "average, 95 % by less than {:.1f} %\n",
      m.kernel, m.gpu, m.rows, m.launch_us, m.unit_fixed_us, m.unit_token_us, m.bandwidth_gb_per_s,
      m.combine_us, m.part_us, 100 * m.typical_error, 100 * m.error_95);
}

void save(const std::string& path, const std::vector<model::KernelModel>& kernels) {
  std::ofstream out(path, std::ios::binary);
  out << model::to_json(kernels);
  if (!out.flush()) throw BadInput(fmt::format("--save-fit {}: cannot be written", path));
}

// Compares with a measured run. Of another card, it says how far the step to another card errs.
void check(const std::string& path, std::vector<model::KernelModel>& kernels) {
  const auto checks = model::check_run(record::read_run(path), kernels, {});
  if (checks.empty())
    throw BadInput(fmt::format("--check {}: no cold record of a kernel that was fitted", path));
  double error = 0;
  int rows = 0;
  for (const auto& c : checks) {
    fmt::print("{}: {} rows, mean error {:.1f} %, worst {:.1f} %{}\n", c.name, c.rows,
               100 * c.mean_error, 100 * c.worst_error,
               c.jumps > 0
                   ? fmt::format(", {} jumps, predicted / measured {:.2f}", c.jumps, c.jump_ratio)
                   : "");
    error += c.mean_error * c.rows;
    rows += c.rows;
  }
  fmt::print("all {} rows: mean error {:.1f} %\n", rows, 100 * error / rows);
  double worst = 0;
  for (const auto& c : checks) worst = std::max(worst, c.error_95);
  for (auto& m : kernels)
    if (!checks.front().gpu.empty() && checks.front().gpu != m.gpu) {
      m.other_gpu_error = worst;
      m.other_gpu_source = "measured on the " + checks.front().gpu;
    }
}

config::SweepConfig config_of(const PredictFlags& f, const std::vector<model::KernelModel>& kernels,
                              const model::Gpu& gpu) {
  config::SweepConfig c;
  c.name = fmt::format("predict {}", gpu.name);
  c.backends = {api::Backend::model};
  c.kernels.clear();
  for (const auto& m : kernels) c.kernels.push_back(m.kernel);
  c.sms = f.sms.empty() ? std::vector<int>{gpu.sms} : small_axis("--sms", f.sms, 1, 100000);
  c.chunks = chunks("--chunk", f.chunk);
  c.n_kv = axis("--n-kv", f.n_kv);
  c.s_q = {f.s_q};
  c.batches = {f.batch};
  c.heads = {f.heads > 0 ? f.heads : 16};
  if (f.model.empty()) return c;
  const auto m = model::find_model(f.model);
  if (!m || !m->mla())
    throw BadInput(
        fmt::format("--model: \"{}\", expected a model with MLA, e.g. deepseek-v2-lite or "
                    "deepseek-v3",
                    f.model));
  c.heads = {m->heads};
  return c;
}

void predict_card(const PredictFlags& f, const Context& context,
                  const std::vector<model::KernelModel>& fitted, const model::Gpu& gpu) {
  auto kernels = kernels_on(gpu, fitted);
  if (f.ctas_per_sm > 0)
    for (auto& m : kernels) m.ctas_per_sm = f.ctas_per_sm;
  const plan::Plan plan(config_of(f, kernels, gpu));
  write_run(f.out, predicted_run(plan, kernels, gpu, context.command_line));
  const auto& m = kernels.front();
  const double other = m.gpu == gpu.name ? 0 : m.other_gpu_error;
  fmt::print(
      "{} predicted rows for the {} in {} (backend model). Boundaries are exact; times carry "
      "± {:.0f} %{}.\n",
      plan.size(), gpu.name, f.out, 100 * std::hypot(m.error_95, other),
      other > 0 ? fmt::format(", most of it for the step from {} to another card ({})", m.gpu,
                              m.other_gpu_source)
                : "");
}

void predict(const PredictFlags& f, const Context& context) {
  if (f.out.empty() && f.save_fit.empty() && f.check.empty())
    throw BadInput("nothing to do: expected --gpu NAME --out DIR, --check RUN or --save-fit FILE");
  auto kernels = fitted_kernels(f.fit, filter_of(f));
  for (const auto& m : kernels) print_fit(m);
  if (!f.check.empty()) check(f.check, kernels);
  if (!f.save_fit.empty()) save(f.save_fit, kernels);
  if (f.out.empty()) return;
  predict_card(f, context, kernels, gpu_of_flag(f.gpu));
}

}  // namespace

void add_predict(CLI::App& app, Context& context) {
  auto f = std::make_shared<PredictFlags>();
  CLI::App* c = app.add_subcommand("predict", "The curve of a GPU that is not here");
  c->add_option("--gpu", f->gpu, "Card to predict: \"RTX 4080\"");
  c->add_option("--model", f->model, "Language model with MLA: deepseek-v2-lite, deepseek-v3");
  c->add_option("--fit", f->fit, "Measured runs, or a file written by --save-fit")
      ->type_name("RUN");
  c->add_option("--fit-sms", f->fit_sms, "Fit only records of these SM counts");
  c->add_option("--fit-chunk", f->fit_chunk, "Fit only records of these chunks");
  c->add_option("--kernel", f->kernels, "Kernels, all that are fitted otherwise")->delimiter(',');
  c->add_option("--n-kv", f->n_kv, "Range or list");
  c->add_option("--sms", f->sms, "SM counts, the card's own otherwise");
  c->add_option("--chunk", f->chunk, "Chunks");
  c->add_option("--heads", f->heads, "Query heads")->check(CLI::Range(1, 128));
  c->add_option("--s-q", f->s_q, "New tokens per request")->check(CLI::Range(1, 8));
  c->add_option("--batch", f->batch, "Requests")->check(CLI::Range(1, 100000));
  c->add_option("--ctas-per-sm", f->ctas_per_sm, "CTAs per SM, by shared memory otherwise")
      ->check(CLI::Range(1, 64));
  c->add_option("--check", f->check, "Compare with this measured run")->type_name("RUN");
  c->add_option("--save-fit", f->save_fit, "Write the fitted kernels")->type_name("FILE");
  c->add_option("--out", f->out, "Directory for the predicted run")->type_name("DIR");
  c->callback([f, &context] { predict(*f, context); });
}

}  // namespace mlawave::cli
