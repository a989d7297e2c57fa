// `--plugin`: kernels from shared libraries beside those of this build.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "harness/record/run_info.h"
#include "kernels/api/kernel.h"
#include "kernels/plugin/plugin.h"

namespace mlawave::cli {

class Plugins {
 public:
  // Loads them in the order given. Call it in a worker (harness/run/worker.h). Throws
  // config::BadInput: a library that cannot be used, two kernels of one name and backend.
  Plugins(const std::vector<std::string>& paths, api::Kernels own);

  api::Kernels kernels() const { return kernels_; }  // own ones first
  const std::vector<record::PluginInfo>& info() const { return info_; }

 private:
  void add(const std::string& path);

  std::vector<std::unique_ptr<plugin::Plugin>> plugins_;
  std::vector<const api::Kernel*> kernels_;
  std::vector<record::PluginInfo> info_;
};

// `--plugin LIB`, once for each.
void add_plugin_flag(CLI::App& command, std::vector<std::string>& paths);

// Whether this process may not load them itself: run::supervise() does it.
bool needs_worker(const std::vector<std::string>& paths);

}  // namespace mlawave::cli
