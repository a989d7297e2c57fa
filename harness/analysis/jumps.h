// The steps of a curve where its own schedule says they are: jumps of the time between rows with
// one unit more on the busiest slot.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace mlawave::analysis {

struct LoadedRow {
  std::int64_t n_kv = 0;
  double time_us = 0;
  double half_us = 0;         // half of the time's 95 % interval; 0: exact
  std::int64_t max_load = 0;  // units on the busiest slot, as planned
};

struct Jump {
  std::int64_t boundary = 0;  // last row before
  std::int64_t n_kv = 0;      // first row behind
  std::int64_t from_load = 0;
  double jump_us = 0;  // rise between the two rows, less the slope of the rows around them
  double jump_percent = 0;
  double half_percent = 0;  // half of its 95 % interval
};

struct Jumps {
  int boundaries = 0;  // that the rows can show
  int too_coarse = 0;  // gaps between rows that hold more than one, or nothing else than one
  std::optional<Jump> largest;
  // What the largest of as many differences of mere noise reaches; 0: the times are exact.
  double noise_percent = 0;
  bool stands_out() const { return largest && largest->jump_percent > noise_percent; }
  // Upper end of the largest jump's interval: a curve is no shallower than its noise can tell.
  // Nothing when no boundary could be looked at though there are some.
  std::optional<double> depth_percent() const;
};

// `rows` by ascending n_kv. `chunk`: within one the schedule has no slope.
Jumps jumps_at_boundaries(const std::vector<LoadedRow>& rows, int chunk);

// For a schedule that promises no boundary: the largest jump between any two rows. `boundaries`
// counts the places looked at, from_load is 0.
Jumps jumps_anywhere(const std::vector<LoadedRow>& rows);

}  // namespace mlawave::analysis
