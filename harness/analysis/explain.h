// From a curve to a verdict with its evidence.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/analysis/explanation.h"
#include "harness/analysis/series.h"

namespace mlawave::analysis {

// What the user says; it overrules what the series says of itself.
struct Question {
  std::optional<int> sms;
  std::optional<std::string> gpu;  // must be known: throws config::BadInput
  std::optional<int> ctas_per_sm;
  std::optional<int> n_tiles;
  std::optional<int> chunk;
  int shuffles = 1999;
  std::uint64_t seed = 408;
};

Explanation explain(const Series&, const Question& = {});

// Each series for itself; then, where a step is alone in its own curve, what the other series of
// the same sweep say of it.
std::vector<Explanation> explain_all(const std::vector<Series>&, const Question& = {});

}  // namespace mlawave::analysis
