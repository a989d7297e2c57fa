#include "harness/cli/plugins.h"

#include <fmt/format.h>

#include "harness/config/bad_input.h"
#include "harness/env/sha256.h"
#include "harness/run/worker.h"
#include "kernels/plugin/mlawave_plugin.h"

namespace mlawave::cli {
namespace {

const api::Kernel* find(api::Kernels kernels, const api::Kernel& like) {
  for (const api::Kernel* kernel : kernels)
    if (kernel->name() == like.name() && kernel->backend() == like.backend()) return kernel;
  return nullptr;
}

std::string owner_of(const api::Kernel& kernel) {
  return kernel.plugin().empty() ? "this program" : std::string(kernel.plugin());
}

}  // namespace

Plugins::Plugins(const std::vector<std::string>& paths, api::Kernels own)
    : kernels_(own.begin(), own.end()) {
  for (const std::string& path : paths) try {
      add(path);
    } catch (const plugin::LoadError& error) {
      throw config::BadInput(fmt::format("--plugin: {}", error.what()));
    }
  if (run::Worker* worker = run::Worker::self())
    worker->stage("asking the kernels for their plans");
}

void add_plugin_flag(CLI::App& command, std::vector<std::string>& paths) {
  command
      .add_option("--plugin", paths, "A shared library with kernels of your own (kernels/plugin)")
      ->allow_extra_args(false)
      ->type_name("LIB");
}

bool needs_worker(const std::vector<std::string>& paths) {
  return !paths.empty() && !run::Worker::self();
}

void Plugins::add(const std::string& path) {
  if (run::Worker* worker = run::Worker::self()) worker->stage("loading " + path);
  const auto& plugin = *plugins_.emplace_back(std::make_unique<plugin::Plugin>(path));
  record::PluginInfo& info = info_.emplace_back();
  info.path = path;
  info.name = plugin.name();
  info.version = plugin.version();
  info.sha256 = env::sha256_of_file(path);
  info.abi_version = MLAWAVE_PLUGIN_ABI_VERSION;
  for (const api::Kernel* kernel : plugin.kernels()) {
    if (const api::Kernel* other = find(kernels_, *kernel))
      throw config::BadInput(
          fmt::format("--plugin: {}: has a {} kernel \"{}\", and so has {}; expected another name",
                      path, api::to_string(kernel->backend()), kernel->name(), owner_of(*other)));
    kernels_.push_back(kernel);
    info.kernels.emplace_back(kernel->name());
  }
}

}  // namespace mlawave::cli
