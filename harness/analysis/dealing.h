// Where the load steps under one way of dealing the work: the schedule's own code, asked for any SM
// count and chunk.
#pragma once

#include <cstdint>
#include <optional>

#include "kernels/schedule/schedule.h"

namespace mlawave::analysis {

struct Dealing {
  schedule::Policy policy;
  int slots = 1;
  int n_tiles = 1;
  int batch = 1;  // requests of equal length
};

// Units on the busiest slot.
std::int64_t load_at(const Dealing&, std::int64_t n_kv);

// The last n_kv with a load of at most m, if the load steps up behind it and before `most`.
std::optional<std::int64_t> boundary_of(const Dealing&, std::int64_t m, std::int64_t most);

// Whether the load is the same from `ramp` - 1 tokens before `first` up to `last`: no boundary
// lies inside, nor so near in front that the token-by-token rise behind it (one chunk) reaches in.
bool is_flat(const Dealing&, std::int64_t first, std::int64_t last, std::int64_t ramp);

// From n_kv to the nearest boundary, as a fraction of the distance of the boundaries around it.
double distance_to_boundary(const Dealing&, std::int64_t n_kv);

}  // namespace mlawave::analysis
