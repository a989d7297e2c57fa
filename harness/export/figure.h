// A run as what a figure shows, so that a plot script needs no arithmetic: series of points with
// their interval bands, and the predicted boundaries with their labels.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "harness/record/read_run.h"

namespace mlawave::exporting {

struct Boundary {
  std::int64_t n_kv = 0;  // the largest with load m; the next chunk is slower
  std::string label;      // "1 × 76 × 256 = 19456": m × slots × chunk, over the tiles where many
};

// Boundaries of schedule::boundary in lo..hi. None where the schedule has no such rule (split_kv),
// requests differ in length, or the plan is not known.
std::vector<Boundary> predicted_boundaries(const record::Record&, std::int64_t lo, std::int64_t hi);

// {"subtitle", "series": [{"name", "backend", "points": [{"n_kv", "time_us", "time_us_lo",
// "time_us_hi", "tokens_per_s", "tokens_per_s_lo", "tokens_per_s_hi"}], "boundaries": [{"n_kv",
// "label"}]}]}. A series holds the records that differ in n_kv alone, named by what tells it from
// the others. Records without a time are left out.
void write_figure(std::ostream&, const record::Run&);

}  // namespace mlawave::exporting
