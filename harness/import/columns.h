// What the columns of a table mean, read off its header, however it is spelt.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/import/table.h"

namespace mlawave::importer {

enum class Role {
  ignored,
  n_kv,
  pp,
  tg,
  batch,      // B of batched-bench
  time_pp_s,  // T_PP, S_PP: not analysed, but they tell a sweep-bench header
  speed_pp,
  time_tg_s,  // T_TG
  speed_tg,   // S_TG
  time_us,
  time_lo_us,
  time_hi_us,
  speed,       // tokens per second
  speed_text,  // "39.85 ± 0.02"
  test,        // "tg128 @ d4096"
  n_prompt,
  n_gen,
  avg_ns,
  stddev_ns,
  avg_ts,
  status,
  clock_mhz,
  units,
  slots,
  key,  // tells series apart
};

struct Column {
  Role role = Role::ignored;
  double scale = 1;  // to the unit in the role's name
  std::string name;
};

struct Layout {
  char separator = '|';  // '|', '\t', ',', ';' or ' '
  Format format = Format::sweep_bench;
  std::vector<Column> columns;

  bool has(Role) const;
};

Column classify(std::string_view header_cell);

// Trimmed cells of a line; quotes are taken off when separated by ',' or ';'. A leading and a
// closing '|' don't make empty cells.
std::vector<std::string_view> split(std::string_view line, char separator,
                                    std::vector<std::string>& quoted);

// The layout that this line announces, if it is a header. Text after the header's cells (a
// separator row, a log) is left alone.
std::optional<Layout> read_header(std::string_view line);

// True for |---|:--:| and its like.
bool is_rule(std::string_view line);

std::string_view trim(std::string_view);

}  // namespace mlawave::importer
