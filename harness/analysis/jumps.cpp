#include "harness/analysis/jumps.h"

#include <algorithm>
#include <cmath>

#include "harness/stats/quantiles.h"

namespace mlawave::analysis {
namespace {

constexpr std::size_t kSlopeReach = 5;  // gaps on either side that a slope is taken from

using Rows = std::vector<LoadedRow>;

double width(const Rows& r, std::size_t gap) {
  return static_cast<double>(r[gap + 1].n_kv - r[gap].n_kv);
}
double rise(const Rows& r, std::size_t gap) { return r[gap + 1].time_us - r[gap].time_us; }

// Gaps that are wide enough to show a slope, and in which the load stays or may do what it likes.
std::vector<std::size_t> flat_gaps(const Rows& r, bool any_load) {
  std::vector<double> widths;
  for (std::size_t i = 0; i + 1 < r.size(); ++i) widths.push_back(width(r, i));
  const double wide = widths.empty() ? 0 : stats::median(widths) / 2;
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i + 1 < r.size(); ++i)
    if ((any_load || r[i + 1].max_load == r[i].max_load) && width(r, i) >= wide) out.push_back(i);
  return out;
}

double slope_near(const Rows& r, const std::vector<std::size_t>& flat, std::size_t gap) {
  if (flat.empty()) return 0;
  const auto at =
      static_cast<std::size_t>(std::lower_bound(flat.begin(), flat.end(), gap) - flat.begin());
  std::vector<double> slopes;
  for (std::size_t i = at > kSlopeReach ? at - kSlopeReach : 0;
       i < std::min(flat.size(), at + kSlopeReach); ++i)
    slopes.push_back(rise(r, flat[i]) / width(r, flat[i]));
  return stats::median(slopes);
}

// Spread of the rises where nothing should rise.
double noise_us(const Rows& r, const std::vector<std::size_t>& flat) {
  constexpr std::size_t kFewest = 4;
  if (flat.size() < kFewest) return 0;
  std::vector<double> left;
  for (std::size_t i : flat) left.push_back(rise(r, i) - slope_near(r, flat, i) * width(r, i));
  return stats::kSigmaPerMad * stats::mad(left);
}

struct RiseNoise {
  double everywhere_us = 0;  // standard deviation of a rise
  bool exact = false;
  double at(const Rows& r, std::size_t gap) const {
    if (exact) return 0;
    return std::max(everywhere_us,
                    std::hypot(r[gap].half_us, r[gap + 1].half_us) / stats::kTwoSided95);
  }
};

// Looks at one place after the other.
class Search {
 public:
  Search(const Rows& rows, std::vector<std::size_t> flat)
      : r_(rows), flat_(std::move(flat)), noise_{noise_us(rows, flat_), true} {
    for (const LoadedRow& row : rows) noise_.exact = noise_.exact && row.half_us == 0;
  }

  void look(std::size_t gap, std::int64_t from_load) {
    ++found_.boundaries;
    const double fast_us = r_[gap].time_us;
    const double sigma_percent = 100 * noise_.at(r_, gap) / fast_us;
    Jump j{r_[gap].n_kv, r_[gap + 1].n_kv, from_load, 0, 0, stats::kTwoSided95 * sigma_percent};
    j.jump_us = rise(r_, gap) - slope_near(r_, flat_, gap) * width(r_, gap);
    j.jump_percent = 100 * j.jump_us / fast_us;
    sigma_percent_ = std::max(sigma_percent_, sigma_percent);
    if (!found_.largest || j.jump_percent > found_.largest->jump_percent) found_.largest = j;
  }

  void too_coarse() { ++found_.too_coarse; }

  Jumps done() {
    // The largest of k normal differences is about sqrt(2 ln k) standard deviations.
    const double k = std::max(1, found_.boundaries);
    found_.noise_percent = sigma_percent_ * (stats::kTwoSided95 + std::sqrt(2 * std::log(k)));
    return found_;
  }

 private:
  const Rows& r_;
  std::vector<std::size_t> flat_;
  RiseNoise noise_;
  double sigma_percent_ = 0;
  Jumps found_;
};

}  // namespace

std::optional<double> Jumps::depth_percent() const {
  if (!largest) return too_coarse > 0 ? std::nullopt : std::optional<double>(0);
  return std::max(0.0, largest->jump_percent) + largest->half_percent;
}

Jumps jumps_at_boundaries(const Rows& r, int chunk) {
  const std::vector<std::size_t> flat = flat_gaps(r, false);
  Search search(r, flat);
  for (std::size_t i = 0; i + 1 < r.size(); ++i) {
    const std::int64_t more = r[i + 1].max_load - r[i].max_load;
    if (more <= 0 || r[i].max_load == 0) continue;
    // A slope can be told from a step where the curve has stretches without steps, or where the
    // gap is no wider than the chunk that makes the step.
    if (more > 1 || (flat.empty() && width(r, i) > chunk))
      search.too_coarse();
    else
      search.look(i, r[i].max_load);
  }
  return search.done();
}

Jumps jumps_anywhere(const Rows& r) {
  Search search(r, flat_gaps(r, true));
  for (std::size_t i = 0; i + 1 < r.size(); ++i) search.look(i, 0);
  return search.done();
}

}  // namespace mlawave::analysis
