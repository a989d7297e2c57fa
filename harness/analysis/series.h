// One curve: time over n_kv for one kernel, SM count and chunk, from our records or anyone's table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mlawave::analysis {

// Which n_kv a row stands for.
//   exact     the kernel ran with n_kv tokens: a row on the boundary is still fast
//   appending llama.cpp: the row times `tokens` generated tokens that attend to n_kv+1, n_kv+2, …
//             tokens, padded up to whole chunks: a row on the boundary is already slow
enum class RowRule { exact, appending };

struct Point {
  std::int64_t n_kv = 0;
  double time_us = 0;           // per call, or per generated token
  double lo_us = 0, hi_us = 0;  // 95 % interval where known; else both 0
  std::int64_t line = 0;        // line in the source; 0: none
  std::optional<double> clock_mhz;
  bool throttled = false;
  std::vector<std::string> plan;  // what changes when another kernel or split count takes over
  std::int64_t load = 0;          // units on the busiest slot, where the plan says it
};

struct BadRow {
  std::int64_t line = 0;
  std::int64_t n_kv = 0;
  std::string reason;
};

// What is known of the machine and kernel; empty where nobody said.
struct Known {
  std::optional<int> sms;
  std::optional<int> ctas_per_sm;
  std::optional<int> n_tiles;
  std::optional<int> chunk;
  int ctas_per_tile = 1;
};

struct Series {
  std::string name;
  std::string id;       // series_id() of a run's cases; empty for a table
  std::string source;   // file or run directory
  std::string backend;  // "cuda", "cpu", "model"; empty where nobody said
  std::string kernel;
  std::string schedule;
  std::string gpu;     // device name, or the text it was guessed from
  std::string family;  // equal for the series of a sweep that differ in SMs, chunk or heads alone
  int batch = 1;
  int heads = 0;  // query heads; 0: not known
  int s_q = 1;    // new tokens per request
  RowRule rule = RowRule::exact;
  bool either_rule = false;  // nobody said which: both are tried, `rule` first
  int tokens = 1;              // generated tokens one row averages over
  int skip_rows = 0;           // leading rows that hold a warm-up
  double l2_bytes = 0;         // 0: not known
  double read_gb_per_s = 0;    // of the device's memory, measured; 0: not known
  double bytes_per_token = 0;  // of the cache, all requests; 0: not known
  Known known;
  std::vector<Point> points;  // ascending n_kv, each n_kv once
  std::vector<BadRow> bad_rows;
  std::vector<std::string> notes;
};

}  // namespace mlawave::analysis
