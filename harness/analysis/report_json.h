// What the JSON reports of this room have in common.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

namespace mlawave::analysis {

using Json = nlohmann::ordered_json;

template <class T>
Json or_null(const std::optional<T>& x) {
  return x ? Json(*x) : Json(nullptr);
}

// JSON has no NaN; and more digits than were measured help nobody.
Json rounded(double);

}  // namespace mlawave::analysis
