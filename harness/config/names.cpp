#include "harness/config/names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

namespace mlawave::config {
namespace {

// Longer words are never compared: a name is short, and the distance costs length squared.
constexpr std::size_t kMaxWord = 64;

}  // namespace

std::string_view to_string(Cache cache) { return cache == Cache::cold ? "cold" : "hot"; }
std::string_view to_string(Timing timing) { return timing == Timing::batch ? "batch" : "graph"; }

std::optional<Cache> parse_cache(std::string_view text) {
  for (Cache c : {Cache::cold, Cache::hot})
    if (to_string(c) == text) return c;
  return std::nullopt;
}

std::optional<Timing> parse_timing(std::string_view text) {
  for (Timing t : {Timing::batch, Timing::graph})
    if (to_string(t) == text) return t;
  return std::nullopt;
}

int edit_distance(std::string_view a, std::string_view b) {
  std::vector<int> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    int diagonal = row[0];
    row[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row.back();
}

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known) {
  if (word.size() > kMaxWord) return std::nullopt;
  std::optional<std::string> best;
  int best_distance = std::max(2, static_cast<int>(word.size()) / 2) + 1;
  for (const std::string& name : known)
    if (const int d = edit_distance(word, name); d < best_distance) {
      best = name;
      best_distance = d;
    }
  return best;
}

std::string one_of(std::span<const std::string> known) {
  return fmt::format("one of {}", fmt::join(known, ", "));
}

std::string did_you_mean(std::string_view word, std::span<const std::string> known) {
  const auto name = nearest(word, known);
  return name ? fmt::format(" (did you mean \"{}\"?)", *name) : "";
}

}  // namespace mlawave::config
