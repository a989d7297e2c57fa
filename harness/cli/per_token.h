// The flags of a projection to a whole model, shared by the commands that can show one.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "harness/model/per_token.h"

namespace mlawave::cli {

struct PerToken {
  bool on = false;
  std::string model;  // of `--model`; empty: by the number of heads
  std::optional<double> rest_ms, bits_per_weight, weight_gb_per_s;
  std::string rest_gpu;

  // All but --model, which a command may have for itself.
  void add_to(CLI::App&);
};

// Throws config::BadInput: no such card, or none for the heads (0: not known).
model::Card card_of(const PerToken&, int heads);

// `device` and what its memory reads, measured; "" and 0 where not known.
// Throws config::BadInput.
model::Rest rest_of(const PerToken&, const model::Card&, const std::string& device,
                    double read_gb_per_s);

}  // namespace mlawave::cli
