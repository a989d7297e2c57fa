// One kernel of a plugin behind the interface of api::Kernel: C structs out, C++ errors back.
#pragma once

#include "kernels/api/kernel.h"
#include "kernels/plugin/mlawave_plugin.h"

namespace mlawave::plugin {

class PluginKernel final : public api::Kernel {
 public:
  // Both outlive the kernel.
  PluginKernel(const mlawave_kernel& kernel, std::string_view path)
      : kernel_(kernel), path_(path) {}

  std::string_view name() const override { return kernel_.name; }
  std::string_view description() const override {
    return kernel_.description ? kernel_.description : "";
  }
  std::string_view plugin() const override { return path_; }
  api::Backend backend() const override {
    return kernel_.backend == MLAWAVE_BACKEND_CUDA ? api::Backend::cuda : api::Backend::cpu;
  }
  bool needs_separate_v() const override { return kernel_.needs_separate_v != 0; }
  api::Support supports(const api::PlanRequest&) const override;
  std::unique_ptr<api::Plan> plan(const api::PlanRequest&) const override;

 private:
  const mlawave_kernel& kernel_;
  std::string_view path_;
};

}  // namespace mlawave::plugin
