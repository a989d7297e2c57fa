#include "harness/config/axis_text.h"

#include <fmt/format.h>

#include <charconv>

namespace mlawave::config {
namespace {

constexpr const char* kExpected = "an integer or a range start:stop:step";

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find(at);
    parts.push_back(trim(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::int64_t integer(std::string_view text, std::string_view item) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) throw AxisError(item, "a number of at most 63 bits");
  if (error != std::errc{} || end != text.data() + text.size()) throw AxisError(item, kExpected);
  return value;
}

struct Range {
  std::int64_t start, stop, step, count;
};

Range parse_range(std::string_view item) {
  const auto parts = split(item, ':');
  if (parts.size() > 3) throw AxisError(item, kExpected);
  const std::int64_t start = integer(parts[0], item);
  if (parts.size() == 1) return {start, start, 1, 1};
  const std::int64_t stop = integer(parts[1], item);
  const std::int64_t step = parts.size() == 3 ? integer(parts[2], item) : 1;
  if (step < 1) throw AxisError(item, "a step of at least 1");
  if (stop < start) throw AxisError(item, "a range whose start is not above its stop");
  // The difference of two int64 fits in uint64, not in int64.
  const auto steps = (static_cast<std::uint64_t>(stop) - static_cast<std::uint64_t>(start)) /
                     static_cast<std::uint64_t>(step);
  if (steps >= static_cast<std::uint64_t>(kMaxAxisPoints))
    throw AxisError(item, fmt::format("at most {} points", kMaxAxisPoints));
  return {start, stop, step, static_cast<std::int64_t>(steps) + 1};
}

}  // namespace

std::vector<std::string_view> split_items(std::string_view text) { return split(text, ','); }

std::vector<std::int64_t> expand_axis(std::string_view text) {
  std::vector<std::int64_t> values;
  for (std::string_view item : split_items(text)) {
    const Range r = parse_range(item);
    if (static_cast<std::int64_t>(values.size()) + r.count > kMaxAxisPoints)
      throw AxisError(item, fmt::format("at most {} points", kMaxAxisPoints));
    for (std::int64_t i = 0, v = r.start; i < r.count; ++i) {
      values.push_back(v);
      if (i + 1 < r.count) v += r.step;
    }
  }
  return values;
}

std::vector<std::string> compress_axis(const std::vector<std::int64_t>& values) {
  std::vector<std::string> items;
  for (std::size_t i = 0; i < values.size();) {
    std::size_t end = i + 1;
    const std::int64_t step = end < values.size() ? values[end] - values[i] : 0;
    while (step > 0 && end < values.size() && values[end] - values[end - 1] == step) ++end;
    if (end - i >= 3) {
      items.push_back(fmt::format("{}:{}:{}", values[i], values[end - 1], step));
      i = end;
    } else {
      items.push_back(fmt::format("{}", values[i++]));
    }
  }
  return items;
}

}  // namespace mlawave::config
