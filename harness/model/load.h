// What the schedule makes of one n_kv: the inputs of the time model.
#pragma once

#include <cstdint>

#include "kernels/schedule/schedule.h"

namespace mlawave::model {

struct Load {
  double units = 0;
  double slots = 1;
  double max_load = 0;  // units on the busiest slot
  double parts = 0;     // partial results to combine
  double tokens = 0;    // of all requests
};

Load load_of(const schedule::Policy&, std::int64_t n_kv, int batch, int n_tiles, int slots);

}  // namespace mlawave::model
