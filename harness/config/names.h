// Names of the config's enumerations, and the nearest name to one that is not known.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/config/sweep_config.h"

namespace mlawave::config {

std::string_view to_string(Cache);
std::string_view to_string(Timing);
std::optional<Cache> parse_cache(std::string_view);
std::optional<Timing> parse_timing(std::string_view);

// Levenshtein distance in bytes.
int edit_distance(std::string_view a, std::string_view b);

// The known name nearest to `word`; nothing when none is near enough to be meant.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known);

// "one of a, b, c".
std::string one_of(std::span<const std::string> known);

// " (did you mean \"x\"?)", or an empty string.
std::string did_you_mean(std::string_view word, std::span<const std::string> known);

}  // namespace mlawave::config
