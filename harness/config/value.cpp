#include "harness/config/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <unordered_set>

#include "harness/config/bad_input.h"
#include "harness/config/json_text.h"

namespace mlawave::config {
namespace {

using Json = nlohmann::json;

std::string describe(const IntRule& rule) {
  std::string text = rule.power_of_two       ? "a power of two"
                     : rule.multiple_of == 1 ? "an integer"
                                             : fmt::format("a multiple of {}", rule.multiple_of);
  text += fmt::format(" from {} to {}", rule.power_of_two ? 1 : rule.min, rule.max);
  if (rule.zero_name) text += fmt::format(" or \"{}\"", rule.zero_name);
  return text;
}

void check(std::int64_t n, const Value& value, const IntRule& rule) {
  const bool shaped = n % rule.multiple_of == 0 && (!rule.power_of_two || (n & (n - 1)) == 0);
  if (n < rule.min || n > rule.max || !shaped)
    Value{value.json.is_number() ? value.json : Json(n), value.place}.fail(describe(rule));
}

void append_item(std::string_view item, const Value& value, const IntRule& rule,
                 std::vector<std::int64_t>& out) {
  if (rule.zero_name && item == rule.zero_name) return out.push_back(0);
  try {
    for (std::int64_t n : expand_axis(item)) {
      check(n, value, rule);
      out.push_back(n);
    }
  } catch (const AxisError& e) {
    Value{e.item, value.place}.fail(e.what());
  }
}

void limit(const Value& value, const std::vector<std::int64_t>& points) {
  if (static_cast<std::int64_t>(points.size()) > kMaxAxisPoints)
    value.fail(fmt::format("at most {} points", kMaxAxisPoints));
}

void append_ints(const Value& value, const IntRule& rule, std::vector<std::int64_t>& out) {
  if (!value.json.is_string()) {
    out.push_back(read_int(value, rule));
    return limit(value, out);
  }
  for (std::string_view item : split_items(value.json.get_ref<const std::string&>())) {
    append_item(item, value, rule, out);
    limit(value, out);
  }
}

// Keeps the first of equal values. Axes are long and mostly sorted: then there is nothing to do.
template <class T>
std::vector<T> once(std::vector<T> values) {
  if (std::adjacent_find(values.begin(), values.end(), std::greater_equal<>()) == values.end())
    return values;
  std::unordered_set<T> seen;
  std::erase_if(values, [&](const T& v) { return !seen.insert(v).second; });
  return values;
}

}  // namespace

void Value::fail(const std::string& expected) const {
  throw BadInput(fmt::format("{}: got {}, expected {}", place, shown(json), expected));
}

Value Value::element(std::size_t i) const { return {json[i], fmt::format("{}[{}]", place, i)}; }

std::vector<std::int64_t> read_lengths(const Value& value, const IntRule& rule) {
  std::vector<std::int64_t> values;
  if (value.json.is_array())
    for (std::size_t i = 0; i < value.json.size(); ++i) append_ints(value.element(i), rule, values);
  else
    append_ints(value, rule, values);
  if (values.empty()) value.fail(describe(rule) + ", or several");
  return values;
}

std::vector<std::int64_t> read_ints(const Value& value, const IntRule& rule) {
  return once(read_lengths(value, rule));
}

std::vector<std::string> read_names(const Value& value) {
  std::vector<std::string> names;
  if (value.json.is_array()) {
    for (std::size_t i = 0; i < value.json.size(); ++i) {
      const Value item = value.element(i);
      names.push_back(read_text(item));
      if (names.back().empty()) item.fail("a name");
    }
  } else {
    const std::string text = read_text(value);
    for (std::string_view item : split_items(text)) {
      if (item.empty()) value.fail("a name, or several with commas between");
      names.emplace_back(item);
    }
  }
  if (names.empty()) value.fail("at least one name");
  return once(std::move(names));
}

std::int64_t read_int(const Value& value, const IntRule& rule) {
  if (!value.json.is_number_integer()) value.fail(describe(rule));
  if (value.json.is_number_unsigned() &&
      value.json.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX))
    value.fail(describe(rule));
  const auto n = value.json.get<std::int64_t>();
  check(n, value, rule);
  return n;
}

double read_number(const Value& value, double min, double max) {
  const auto expected = [&] { return fmt::format("a number from {} to {}", min, max); };
  if (!value.json.is_number()) value.fail(expected());
  const double x = value.json.get<double>();
  if (!std::isfinite(x) || x < min || x > max) value.fail(expected());
  return x;
}

bool read_bool(const Value& value) {
  if (!value.json.is_boolean()) value.fail("true or false");
  return value.json.get<bool>();
}

std::string read_text(const Value& value) {
  if (!value.json.is_string()) value.fail("a text");
  return value.json.get<std::string>();
}

}  // namespace mlawave::config
