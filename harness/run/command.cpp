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

}  // namespace

std::string command_for(const plan::Case& c, const config::Policy& policy) {
  return fmt::format("mlawave sweep {}{} --out repro", c.sweep_flags(), policy_flags(policy));
}

}  // namespace mlawave::run
