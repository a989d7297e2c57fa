// Kernels from a shared library that speaks mlawave_plugin.h, as api::Kernel like any other.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/api/kernel.h"

namespace mlawave::plugin {

// The library cannot be used; the message names the file, what is wrong and what was expected.
struct LoadError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Plugin {
 public:
  // Loads the library and checks its tables. Runs code of the plugin, which may crash the process:
  // see harness/run/worker.h. The library stays loaded until the process ends. Throws LoadError.
  explicit Plugin(const std::string& path);
  ~Plugin();
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;

  const std::string& path() const { return path_; }  // as given
  const std::string& name() const { return name_; }
  const std::string& version() const { return version_; }
  api::Kernels kernels() const { return views_; }  // live as long as the plugin

 private:
  std::string path_, name_, version_;
  std::vector<std::unique_ptr<api::Kernel>> kernels_;
  std::vector<const api::Kernel*> views_;
};

}  // namespace mlawave::plugin
