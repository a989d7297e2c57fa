#include "harness/analysis/dealing.h"

#include <algorithm>
#include <vector>

namespace mlawave::analysis {

std::int64_t load_at(const Dealing& s, std::int64_t n_kv) {
  const std::vector<std::int64_t> lengths(static_cast<std::size_t>(s.batch), n_kv);
  return schedule::Work(s.policy, lengths, s.n_tiles, s.slots).max_load();
}

std::optional<std::int64_t> boundary_of(const Dealing& s, std::int64_t m, std::int64_t most) {
  // The load grows with the number of chunks: invariant load(lo) <= m < load(hi).
  std::int64_t lo = 0, hi = most / s.policy.chunk + 1;
  if (load_at(s, hi * s.policy.chunk) <= m) return std::nullopt;
  while (hi - lo > 1) {
    const std::int64_t mid = (lo + hi) / 2;
    (load_at(s, mid * s.policy.chunk) <= m ? lo : hi) = mid;
  }
  const std::int64_t n_kv = lo * s.policy.chunk;
  return n_kv > 0 && n_kv < most ? std::optional(n_kv) : std::nullopt;
}

bool is_flat(const Dealing& s, std::int64_t first, std::int64_t last, std::int64_t ramp) {
  return load_at(s, std::max<std::int64_t>(0, first - ramp + 1)) == load_at(s, last);
}

double distance_to_boundary(const Dealing& s, std::int64_t n_kv) {
  const std::int64_t load = load_at(s, n_kv);
  const std::int64_t far = n_kv + 4 * std::int64_t{s.policy.chunk} * s.slots;
  const auto below = boundary_of(s, load - 1, far), above = boundary_of(s, load, far);
  if (!above) return 0.5;
  const std::int64_t from = below.value_or(0);
  return static_cast<double>(std::min(n_kv - from, *above - n_kv)) /
         static_cast<double>(*above - from);
}

}  // namespace mlawave::analysis
