// A table as somebody posted it: rows with numbers, or the reason why it can't be used.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mlawave::importer {

enum class Format { sweep_bench, llama_bench, csv };

struct Row {
  std::int64_t line = 0;  // first line is 1
  std::int64_t n_kv = 0;
  double time_us = 0;  // per generated token, or per call
  double lo_us = 0, hi_us = 0;
  std::optional<double> clock_mhz;
  std::int64_t units = 0, slots = 0;  // our own export says them; 0: not said
};

struct BadRow {
  std::int64_t line = 0;
  std::int64_t n_kv = 0;
  std::string reason;
};

struct Table {
  std::string name;  // file name, "#2" and so on when a file has several, and what tells it apart
  std::string source;
  Format format = Format::sweep_bench;
  std::int64_t line = 0;                    // of the header
  std::string unusable;                     // reason; empty: usable
  std::int64_t unusable_line = 0;           // where
  int tg = 0;                               // generated tokens in a row; 0: not said
  bool no_prompt = false;                   // PP is 0: not written by llama.cpp
  int batch = 1;                            // sequences in a row (batched-bench)
  std::map<std::string, std::string> keys;  // columns that tell series apart, settings
  std::string gpu;                          // named in the log, or the only one in the text around
  std::vector<Row> rows;                    // as they stood
  std::vector<BadRow> bad_rows;
  std::vector<std::string> notes;
};

}  // namespace mlawave::importer
