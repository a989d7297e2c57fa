// llama-sweep-bench and llama-bench tables, plain CSV: from a file to tables.
//
// Read: Markdown with and without outer pipes, tabs, JSON lines, JSON, CSV; between log lines,
// quotes and fences. Each header starts a table of its own. A table that can't be used carries the
// reason; the others still load.
#pragma once

#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "harness/import/table.h"

namespace mlawave::importer {

struct Options {
  std::optional<Format> format;  // none: any
  bool skip_bad_rows = false;    // leave out rows with unreadable numbers, keep the table
};

std::optional<Format> parse_format(std::string_view);  // "sweep-bench", "llama-bench", "csv"

// Throws config::BadInput with file and line when no table in it can be used.
std::vector<Table> read_file(const std::string& path, const Options& = {});
std::vector<Table> read_stream(std::istream&, const std::string& source, const Options& = {});

}  // namespace mlawave::importer
