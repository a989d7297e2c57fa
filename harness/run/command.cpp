#include "harness/run/command.h"

#include <fmt/format.h>

#include "harness/config/names.h"

namespace mlawave::run {
namespace {

std::string policy_flags(const config::Policy& p) {
  const config::Policy standard;
  std::string text;
  const auto add = [&](const char* flag, auto value, auto standard_value) {
    if (value != standard_value) text += fmt::format(" {} {}", flag, value);
  };
  add("--seed", p.seed, standard.seed);
  add("--launches-per-sample", p.launches_per_sample, standard.launches_per_sample);
  add("--min-samples", p.min_samples, standard.min_samples);
  add("--max-samples", p.max_samples, standard.max_samples);
  add("--target-interval", p.target_interval, standard.target_interval);
  add("--timing", config::to_string(p.timing), config::to_string(standard.timing));
  if (p.phases) text += " --phases";
  return text;
}

std::string plugin_flag(const plan::Case& c, api::Kernels kernels) {
  for (const api::Kernel* kernel : kernels)
    if (kernel->name() == c.kernel && kernel->backend() == c.backend && !kernel->plugin().empty())
      return fmt::format(" --plugin {}", shell_word(kernel->plugin()));
  return "";
}

}  // namespace

std::string command_for(const plan::Case& c, const config::Policy& policy, api::Kernels kernels) {
  return fmt::format("mlawave sweep {}{}{} --out repro", c.sweep_flags(), policy_flags(policy),
                     plugin_flag(c, kernels));
}

std::string shell_word(std::string_view word) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+=:,./@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == word.npos) return std::string(word);
  std::string quoted = "'";
  for (char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + '\'';
}

}  // namespace mlawave::run
