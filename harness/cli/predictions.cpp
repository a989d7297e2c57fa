#include "harness/cli/predictions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "harness/cli/inputs.h"
#include "harness/config/bad_input.h"
#include "harness/config/canonical.h"
#include "harness/config/names.h"
#include "harness/env/build.h"
#include "harness/env/host.h"
#include "harness/model/predicted_run.h"
#include "harness/record/run_file.h"

namespace mlawave::cli {
namespace {

using config::BadInput;

constexpr const char* kDefaultFit = "results/h100-80gb-hbm3/model.json";

std::string slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw BadInput(fmt::format("{}: cannot be read; expected a run or a model.json", path));
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
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

}  // namespace

std::vector<model::KernelModel> fitted_kernels(const std::vector<std::string>& given,
                                               const model::Filter& filter) {
  const std::vector<std::string> paths = given.empty() ? std::vector{default_fit()} : given;
  if (paths.size() == 1 && !is_run(paths[0])) return saved_kernels(paths[0], filter.kernels);
  std::vector<model::Source> sources;
  for (const std::string& path : paths) sources.push_back({path, record::read_run(path)});
  return model::fit_runs(sources, filter);
}

model::Gpu gpu_of_flag(const std::string& name) {
  if (const auto gpu = model::find_gpu(name)) return *gpu;
  throw BadInput(fmt::format("--gpu: \"{}\", expected a card of the table of GPUs{}", name,
                             model::nearest_gpu(name)));
}

std::vector<model::KernelModel> kernels_on(const model::Gpu& gpu,
                                           const std::vector<model::KernelModel>& fitted) {
  auto out = model::kernels_for(fitted, gpu, [&](const std::string& kernel) {
    fmt::print(stderr, "{}: not for the {}\n", kernel, gpu.name);
  });
  if (out.empty())
    throw BadInput(fmt::format("--gpu: none of the fitted kernels runs on the {}", gpu.name));
  return out;
}

record::Run predicted_run(const plan::Plan& plan, const std::vector<model::KernelModel>& on_gpu,
                          const model::Gpu& gpu, const std::string& command_line) {
  record::Run run;
  run.info.start_time_utc = env::now_utc();
  run.info.command_line = command_line;
  run.info.host = env::host_info();
  run.info.build = env::build_info();
  run.info.config_json = config::to_json(plan.config()).dump();
  run.info.config_hash = config::config_hash(plan.config());
  run.info.devices = {model::device_info(gpu)};
  run.records = model::predicted_records(plan, on_gpu, gpu, command_line);
  return run;
}

void write_run(const std::string& dir, const record::Run& run) {
  record::RunFile file(dir, run.info, false);
  file.write_header(run.info);
  for (const record::Record& r : run.records) file.append(r);
}

}  // namespace mlawave::cli
