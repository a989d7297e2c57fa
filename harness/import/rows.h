// One row's cells to numbers.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/import/columns.h"

namespace mlawave::importer {

// The cells of a row by what they mean; empty where the table has no such column.
struct Cells {
  std::array<std::string, 32> by_role;
  std::vector<std::pair<std::string, std::string>> keys;
  std::string_view operator[](Role r) const { return by_role[static_cast<std::size_t>(r)]; }
  std::string& at(Role r) { return by_role[static_cast<std::size_t>(r)]; }
};

// What a time is known to be from one column: the printed value ± half of its last digit.
struct Reading {
  double value = 0, half = 0;  // µs per token
  bool there = false;
};

struct Parsed {
  enum class Kind {
    row,
    skip,   // a row of another kind (prompt processing), or one that was never measured
    cut,    // cells are missing: the table was cut here
    wrong,  // a cell that is not a number, is negative or not finite
  };
  Kind kind = Kind::skip;
  std::string reason;
  Row row;
  int tg = 0, batch = 1;
  bool no_prompt = false;         // a PP column that says 0
  Reading from_time, from_speed;  // sweep-bench: T_TG and S_TG
  std::vector<std::pair<std::string, std::string>> keys;
};

// `scale`: of the time_us column.
Parsed parse_row(const Cells&, Format, double time_scale, std::int64_t line);

// Copies the cells into their roles. False when the row is too short for the layout's needs.
bool assign(const Layout&, const std::vector<std::string_view>& cells, Cells& out);

}  // namespace mlawave::importer
