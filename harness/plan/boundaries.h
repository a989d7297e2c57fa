// The n_kv next to which the load of the busiest slot steps up.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "kernels/api/problem.h"

namespace mlawave::plan {

struct SlotsQuery {
  api::Backend backend;
  std::string kernel;
  int sms;  // as asked; 0: all of the device
  int heads, s_q;
  int page_size = 0;
};

struct Slots {
  int slots = 0;  // 0: not known, so no boundary is predicted
  int n_tiles = 1;
};

// What a kernel makes of an SM count; the caller may ask the kernels themselves.
using SlotsOf = std::function<Slots(const SlotsQuery&)>;

// Without a kernel at hand: tiles of 16 rows, one CTA on each SM.
Slots slots_of_16_rows(const SlotsQuery&);

struct Steps {
  std::int64_t chunk;
  std::int64_t slots;
  std::int64_t n_tiles;  // × batch: requests of equal length share one rule
};

// For every boundary of schedule::boundary inside lo..hi: the boundary, one token more, and one
// chunk before and after. Sorted, each once, all inside lo..hi.
// Throws config::BadInput when there are more than kMaxAxisPoints.
std::vector<std::int64_t> points_around_boundaries(const Steps&, std::int64_t lo, std::int64_t hi);

}  // namespace mlawave::plan
