// Model cards as data: what a projection from one attention operation to a whole model needs.
#pragma once

#include <optional>
#include <string_view>

#include "harness/model/tiles.h"

namespace mlawave::model {

struct Card {
  LanguageModel model;             // heads, layers
  double active_billion = 0;       // parameters that one token reads
  double routed_billion = 0;       // of those, in routed experts: what is kept in CPU memory
  double bits_per_weight = 16;     // as published
  std::string_view source;         // of active_billion and bits_per_weight
  std::string_view routed_source;  // empty: no experts
};

// By the model's name however it is written. Throws config::BadInput with the known names.
Card find_card(std::string_view name);

// What is meant when nobody names a model: 16 heads are DeepSeek-V2-Lite, 128 DeepSeek-V3.
std::optional<Card> card_with_heads(int heads);

}  // namespace mlawave::model
