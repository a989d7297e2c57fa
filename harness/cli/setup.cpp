#include "harness/cli/setup.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/config/json_text.h"
#include "kernels/choose.h"

namespace mlawave::cli {

config::KnownNames known_names(api::Kernels kernels, bool built_with_cuda) {
  config::KnownNames known;
  for (const api::Kernel* kernel : kernels)
    if (std::find(known.kernels.begin(), known.kernels.end(), kernel->name()) ==
        known.kernels.end())
      known.kernels.emplace_back(kernel->name());
  known.kernels.emplace_back(kAutoKernel);
  if (!built_with_cuda) known.note = "this build has no CUDA kernels";
  return known;
}

config::SweepConfig load_config(const std::string& file, const config::Flags& flags,
                                const config::KnownNames& known) {
  config::Text text;
  if (!file.empty()) text = {config::read_config_file(file), file};
  return config::read_config(text, flags, known);
}

std::string choose_backends(config::SweepConfig& config, const WhyNot& why_not) {
  if (!config.backends.empty()) return "";
  const std::string reason = why_not(api::Backend::cuda);
  config.backends = {reason.empty() ? api::Backend::cuda : api::Backend::cpu};
  if (reason.empty()) return "backend: cuda";
  return fmt::format("backend: cpu ({})", reason);
}

void require_backends(const config::SweepConfig& config, const WhyNot& why_not) {
  for (api::Backend backend : config.backends)
    if (const std::string reason = why_not(backend); !reason.empty())
      throw config::BadInput(fmt::format(
          "backend: got \"{}\", but {}; expected a backend of this machine, e.g. --backend cpu",
          api::to_string(backend), reason));
}

}  // namespace mlawave::cli
