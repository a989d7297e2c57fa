// The columns of an exported row, in order; CSV and JSON both walk this one table.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>

#include "harness/export/derived.h"

namespace mlawave::exporting {

// monostate: no value; also for numbers that are not finite.
using Cell = std::variant<std::monostate, std::string, std::int64_t, double>;

struct Column {
  const char* name;
  Cell (*cell)(const record::Record&, const Derived&);
};

std::span<const Column> columns();

}  // namespace mlawave::exporting
