// Axes as text: "256:66560:256" (start:stop:step, both ends included), "76,82,132", or both mixed.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace mlawave::config {

inline constexpr std::int64_t kMaxAxisPoints = 10'000'000;

// What was wrong with one item of an axis text; the caller knows the file and the key.
struct AxisError : std::runtime_error {
  AxisError(std::string_view item, const std::string& expected)
      : std::runtime_error(expected), item(item) {}
  std::string item;
};

// Splits at commas and trims blanks; "" gives one empty item. Views into `text`.
std::vector<std::string_view> split_items(std::string_view text);

// Expands a whole axis. Throws AxisError for anything that is not an integer or a range, for an
// empty or reversed range, and for more than kMaxAxisPoints points.
std::vector<std::int64_t> expand_axis(std::string_view text);

// The inverse: runs of three and more evenly spaced values become ranges.
std::vector<std::string> compress_axis(const std::vector<std::int64_t>& values);

}  // namespace mlawave::config
