// mlawave predict: the curve of a GPU that is not here, from kernels fitted on one that was.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "harness/cli/commands.h"
#include "harness/cli/inputs.h"
#include "harness/config/axis_text.h"
#include "harness/config/bad_input.h"
#include "harness/config/canonical.h"
#include "harness/config/names.h"
#include "harness/env/build.h"
#include "harness/env/host.h"
#include "harness/model/fit_run.h"
#include "harness/model/predicted_run.h"
#include "harness/model/tiles.h"
#include "harness/plan/plan.h"
#include "harness/record/run_file.h"

namespace mlawave::cli {
namespace {

using config::BadInput;

constexpr const char* kDefaultFit = "results/h100-80gb-hbm3/model.json";

struct Flags {
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

std::string slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw BadInput(fmt::format("{}: cannot be read; expected a run or a model.json", path));
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

model::Filter filter_of(const Flags& f) {
  return {small_axis("--fit-sms", f.fit_sms, 1, 100000),
          chunks("--fit-chunk", f.fit_chunk),
          {},
          f.kernels};
}

// The file that comes with the sources: below the current directory, or where it was built from.
std::string default_fit() {
  for (const std::string& folder : {std::string("."), std::string(MLAWAVE_SOURCE_DIR)})
    if (const std::string path = folder + "/" + kDefaultFit; std::filesystem::exists(path))
      return path;
  throw BadInput(
      fmt::format("no fitted kernels: {} is not here; give --fit RUN (a measured run) or "
                  "--fit model.json",
                  kDefaultFit));
}

std::vector<model::KernelModel> saved_kernels(const std::string& path,
                                              const std::vector<std::string>& wanted) {
  std::vector<model::KernelModel> all = model::models_from_json(slurp(path), path);
  std::vector<std::string> known;
  for (const auto& m : all) known.push_back(m.kernel);
  for (const std::string& name : wanted)
    if (std::find(known.begin(), known.end(), name) == known.end())
      throw BadInput(fmt::format("--kernel: \"{}\" is not fitted in {}{}", name, path,
                                 config::did_you_mean(name, known)));
  std::erase_if(all, [&](const auto& m) {
    return !wanted.empty() && std::find(wanted.begin(), wanted.end(), m.kernel) == wanted.end();
  });
  return all;
}

std::vector<model::KernelModel> kernels_of(const Flags& f) {
  const std::vector<std::string> paths = f.fit.empty() ? std::vector{default_fit()} : f.fit;
  if (paths.size() == 1 && !is_run(paths[0])) return saved_kernels(paths[0], f.kernels);
  std::vector<model::Source> sources;
  for (const std::string& path : paths) sources.push_back({path, record::read_run(path)});
  return model::fit_runs(sources, filter_of(f));
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

config::SweepConfig config_of(const Flags& f, const std::vector<model::KernelModel>& kernels,
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

void write_run(const Flags& f, const Context& context, std::vector<model::KernelModel> kernels,
               const model::Gpu& gpu) {
  std::erase_if(kernels, [&](const auto& m) {
    if (!model::runs_on(m, gpu)) fmt::print("{}: not for the {}\n", m.kernel, gpu.name);
    return !model::runs_on(m, gpu);
  });
  if (kernels.empty())
    throw BadInput(fmt::format("--gpu: none of the fitted kernels runs on the {}", gpu.name));
  for (auto& m : kernels) {
    m = model::moved_to(m, gpu);
    if (f.ctas_per_sm > 0) m.ctas_per_sm = f.ctas_per_sm;
  }
  const config::SweepConfig config = config_of(f, kernels, gpu);
  record::RunInfo info;
  info.start_time_utc = env::now_utc();
  info.command_line = context.command_line;
  info.host = env::host_info();
  info.build = env::build_info();
  info.config_json = config::to_json(config).dump();
  info.config_hash = config::config_hash(config);
  info.devices = {model::device_info(gpu)};
  record::RunFile file(f.out, info, false);
  file.write_header(info);
  const plan::Plan plan(config);
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const plan::Case c = plan.at(i);
    for (const auto& m : kernels)
      if (m.kernel == c.kernel) {
        record::Record r = model::predicted(c, m, gpu);
        r.command = context.command_line;
        file.append(r);
      }
  }
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

void predict(const Flags& f, const Context& context) {
  if (f.out.empty() && f.save_fit.empty() && f.check.empty())
    throw BadInput("nothing to do: expected --gpu NAME --out DIR, --check RUN or --save-fit FILE");
  auto kernels = kernels_of(f);
  for (const auto& m : kernels) print_fit(m);
  if (!f.check.empty()) check(f.check, kernels);
  if (!f.save_fit.empty()) save(f.save_fit, kernels);
  if (f.out.empty()) return;
  const auto gpu = model::find_gpu(f.gpu);
  if (!gpu)
    throw BadInput(fmt::format("--gpu: \"{}\", expected a card of the table of GPUs{}", f.gpu,
                               model::nearest_gpu(f.gpu)));
  write_run(f, context, kernels, *gpu);
}

}  // namespace

void add_predict(CLI::App& app, Context& context) {
  auto f = std::make_shared<Flags>();
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
