#include "harness/plan/boundaries.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/config/axis_text.h"
#include "harness/config/bad_input.h"
#include "kernels/schedule/schedule.h"

namespace mlawave::plan {

Slots slots_of_16_rows(const SlotsQuery& query) {
  return {query.sms, static_cast<int>(schedule::ceil_div(query.heads * query.s_q, 16))};
}

std::vector<std::int64_t> points_around_boundaries(const Steps& s, std::int64_t lo,
                                                   std::int64_t hi) {
  std::vector<std::int64_t> points;
  if (s.slots == 0) return points;
  // Boundaries are multiples of the chunk: k = floor(m·slots / n_tiles) chunks. Each k is visited
  // once, by its smallest m: several m share one k where there are more tiles than slots.
  const auto smallest_m = [&](std::int64_t k) {
    return schedule::ceil_div(k * s.n_tiles, s.slots);
  };
  std::int64_t m = smallest_m(std::max<std::int64_t>(1, lo / s.chunk - 1));
  for (std::int64_t at;; m = smallest_m(at / s.chunk + 1)) {
    at = schedule::boundary(m, s.chunk, s.slots, s.n_tiles);
    if (at > hi + s.chunk) break;
    for (std::int64_t n : {at - s.chunk, at, at + 1, at + s.chunk})
      if (n >= lo && n <= hi) points.push_back(n);
    if (static_cast<std::int64_t>(points.size()) > config::kMaxAxisPoints)
      throw config::BadInput(fmt::format(
          "around_boundaries: chunk {} and {} slots make more than {} points between n_kv {} and "
          "{}, expected a shorter range",
          s.chunk, s.slots, config::kMaxAxisPoints, lo, hi));
  }
  std::sort(points.begin(), points.end());
  points.erase(std::unique(points.begin(), points.end()), points.end());
  return points;
}

}  // namespace mlawave::plan
