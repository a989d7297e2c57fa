// Which schedule and chunk: the one with the least total time, the one with the shallowest dips,
// and what each costs.
//
// Total time: one layer's attention while its cache grows token by token over the range. A row
// stands for the n_kv from behind the row before it up to itself (the first for as many as the
// second), which is exact for rows at the ends of chunks; rows evenly spaced weigh the same.
// Depth: the largest jump at a boundary of the schedule (jumps.h), for `balanced`, which promises
// none, between any two rows.
// Combine: time of the whole operation less that of its main phase.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/analysis/jumps.h"
#include "kernels/schedule/schedule.h"

namespace mlawave::analysis {

struct TuneRow {
  LoadedRow row;
  std::optional<double> combine_us;
};

struct Choice {
  std::string kernel;
  schedule::Policy policy;
  bool combine_modelled = false;  // from a time model fitted to the same run
  std::vector<TuneRow> rows;      // ascending n_kv, each once, times above 0
};

struct Judged {
  std::string kernel;
  schedule::Policy policy;
  double total_us = 0;
  double mean_us = 0;                // total / tokens of the range: of one call
  double mean_half_us = 0;           // half of its 95 % interval, rows taken as independent
  double slower_percent = 0;         // than the least total of all
  bool as_good_as_least = false;     // the difference is within the noise
  std::optional<double> combine_us;  // mean of one call
  bool combine_modelled = false;
  Jumps jumps;
  std::optional<double> depth_percent;
};

struct Best {  // indices into Judgement::choices
  std::size_t least = 0;
  // Nothing: the rows are too coarse, or no step of any choice stands out of the noise.
  std::optional<std::size_t> shallowest;
  // The shallowest of those at most kAffordable slower than the least total.
  std::optional<std::size_t> shallowest_affordable;
};

inline constexpr double kAffordablePercent = 5;

struct KernelBest {
  std::string kernel;
  Best best;
};

struct Judgement {
  std::int64_t first_n_kv = 0, last_n_kv = 0;
  std::size_t rows = 0;              // that all choices have: only these are compared
  std::size_t rows_left_out = 0;     // that some lack
  std::vector<std::string> dropped;  // choices with too few rows, and why
  std::vector<Judged> choices;       // by ascending total
  Best overall;
  std::vector<KernelBest> kernels;  // by name
};

// `tie`: a relative difference of totals that says nothing, whatever the rows' own intervals.
// No choice is judged when fewer than two rows are common to all; `choices` is empty then.
Judgement judge(std::vector<Choice>, double tie);

// "wave", "split_kv 16"
std::string schedule_text(const schedule::Policy&);

}  // namespace mlawave::analysis
