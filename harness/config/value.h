// One value of a config, with the place it came from; readers that check it.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/config/axis_text.h"
#include "harness/config/names.h"

namespace mlawave::config {

struct Value {
  nlohmann::json json;
  std::string place;  // "configs/x.json: sms", or the flag "--sms"

  // Throws BadInput: "<place>: got <value>, expected <what>".
  [[noreturn]] void fail(const std::string& expected) const;
  Value element(std::size_t i) const;  // of an array: place "…[i]"
};

struct IntRule {
  std::int64_t min, max;
  std::int64_t multiple_of = 1;
  const char* zero_name = nullptr;  // a word that stands for 0: "all"
  bool power_of_two = false;        // or 0, where min allows it
};

// A number, a text of axis_text.h, or a list of both; repeated values are kept once, in order.
std::vector<std::int64_t> read_ints(const Value&, const IntRule&);
// The same with repetitions kept: the lengths of a ragged batch.
std::vector<std::int64_t> read_lengths(const Value&, const IntRule&);
// A name, several with commas between, or a list; repeated names are kept once, in order.
std::vector<std::string> read_names(const Value&);

std::int64_t read_int(const Value&, const IntRule&);
double read_number(const Value&, double min, double max);  // finite, min <= x <= max
bool read_bool(const Value&);
std::string read_text(const Value&);

// Names of an enumeration.
template <class Enum, class Parse>
std::vector<Enum> read_enums(const Value& value, const std::vector<std::string>& known,
                             Parse parse) {
  std::vector<Enum> result;
  for (const std::string& name : read_names(value)) {
    const auto parsed = parse(name);
    if (!parsed) Value{name, value.place}.fail(one_of(known) + did_you_mean(name, known));
    result.push_back(*parsed);
  }
  return result;
}

}  // namespace mlawave::config
