// JSON and flags -> SweepConfig; flags win over the file. Every error is a BadInput that names
// the file and key path (or the flag), the value, and what was expected.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/config/bad_input.h"
#include "harness/config/fields.h"
#include "harness/config/sweep_config.h"

namespace mlawave::config {

inline constexpr double kMaxCases = 1e8;

struct Text {
  std::string text;
  std::string source;  // a file's name, for messages
};

// "--n-kv" and every text given with it.
using Flags = std::vector<std::pair<std::string, std::vector<std::string>>>;

// `backends` stays empty when neither the file nor a flag names one.
SweepConfig read_config(const Text& json, const Flags& flags, const KnownNames&);
SweepConfig parse(std::string_view json, const std::string& source, const KnownNames&);

}  // namespace mlawave::config
