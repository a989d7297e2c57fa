#include "harness/analysis/steps.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "harness/stats/quantiles.h"

namespace mlawave::analysis {
namespace {

constexpr std::size_t kLag = 4;         // rows across which a slope is taken
constexpr std::size_t kLeastReach = 6;  // near the ends of a curve
constexpr std::size_t kReach = 10;      // rows on each side that count as near

double sigma(std::span<const double> x) { return stats::kSigmaPerMad * stats::mad(x); }

double on_line(double x, double x0, double y0, double x1, double y1) {
  return y0 + (y1 - y0) * (x - x0) / (x1 - x0);
}

// What each inner row differs from the line through its neighbours; the ends are 0.
std::vector<double> bends(const Curve& c) {
  std::vector<double> r(c.rows(), 0.0);
  for (std::size_t i = 1; i + 1 < c.rows(); ++i)
    r[i] = c.y[i] - on_line(c.n[i], c.n[i - 1], c.y[i - 1], c.n[i + 1], c.y[i + 1]);
  return r;
}

double smallest_noise(const Curve& c) { return 1e-4 * stats::median(c.y); }

// A row that stands out from neighbours that agree with each other is a spike, not a step.
void level_spikes(Curve& c) {
  constexpr double kFar = 6;
  if (c.rows() < 6) return;
  const std::vector<double> r = bends(c);
  const double s = std::max(sigma(std::span(r).subspan(1, r.size() - 2)), smallest_noise(c));
  const std::vector<double> y = c.y;
  for (std::size_t i = 1; i + 1 < c.rows(); ++i) {
    double lo = std::min(y[i - 1], y[i + 1]), hi = std::max(y[i - 1], y[i + 1]);
    if (i >= 2) lo = std::min(lo, y[i - 2]), hi = std::max(hi, y[i - 2]);
    if (i + 2 < c.rows()) lo = std::min(lo, y[i + 2]), hi = std::max(hi, y[i + 2]);
    if (std::abs(r[i]) <= kFar * s || std::abs(r[i]) <= hi - lo) continue;
    c.spikes.push_back(i);
    c.spike_us.push_back(r[i]);
    c.y[i] = y[i] - r[i];
  }
}

// Slope near each gap: the median of slopes across kLag rows.
std::vector<double> slopes_of(const Curve& c) {
  const std::size_t lag = std::min(kLag, c.gaps());
  std::vector<double> far;
  for (std::size_t j = 0; j + lag < c.rows(); ++j)
    far.push_back((c.y[j + lag] - c.y[j]) / (c.n[j + lag] - c.n[j]));
  std::vector<double> slopes;
  for (std::size_t i = 0; i < c.gaps(); ++i) {
    const std::size_t last = far.size() - 1;
    const std::size_t middle = std::min(i + 1 < lag / 2 ? 0 : i + 1 - lag / 2, last);
    // As far to both sides, so that a curve that bends near its ends makes no steps there.
    const std::size_t reach = std::clamp(std::min(middle, last - middle), kLeastReach, kReach);
    const std::size_t lo = middle > reach ? middle - reach : 0;
    const std::size_t hi = std::min(far.size(), middle + reach + 1);
    slopes.push_back(stats::median(std::span(far).subspan(lo, hi - lo)));
  }
  return slopes;
}

// Level of rows [from, to) carried along `slope` to `at`.
double level(const Curve& c, std::size_t from, std::size_t to, double slope, double at) {
  std::vector<double> v;
  for (std::size_t k = from; k < to; ++k) v.push_back(c.y[k] - slope * (c.n[k] - at));
  return stats::median(v);
}

// Spread of the jumps near a gap, its own neighbourhood left out.
double local_spread(const std::vector<double>& jumps, std::size_t i, std::size_t window) {
  std::vector<double> near;
  const std::size_t lo = i > kReach ? i - kReach : 0;
  const std::size_t hi = std::min(jumps.size(), i + kReach + 1);
  for (std::size_t j = lo; j < hi; ++j)
    if (j + window < i || j > i + window) near.push_back(jumps[j]);
  return near.size() < 4 ? 0 : sigma(near);
}

// A wide window sees one step in several gaps: keep it where it is strongest.
void thin(std::vector<double>& score, std::size_t window) {
  const std::vector<double> all = score;
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t d = 1; d < window; ++d) {
      const double left = i >= d ? all[i - d] : 0, right = i + d < all.size() ? all[i + d] : 0;
      if (std::max(left, right) > all[i] && all[i] > 0) score[i] = 0;
    }
}

}  // namespace

Curve prepare(const Series& s) {
  Curve c;
  for (std::size_t i = static_cast<std::size_t>(std::max(0, s.skip_rows)); i < s.points.size();
       ++i) {
    if (s.points[i].throttled) continue;
    c.n.push_back(static_cast<double>(s.points[i].n_kv));
    c.y.push_back(s.points[i].time_us);
    c.point.push_back(i);
  }
  std::vector<double> distances;
  for (std::size_t i = 1; i < c.rows(); ++i) distances.push_back(c.n[i] - c.n[i - 1]);
  if (!distances.empty()) c.row_step = stats::median(distances);
  level_spikes(c);
  return c;
}

Steps steps_of(const Curve& c, int window) {
  Steps out;
  if (c.gaps() == 0) return out;
  const std::size_t w = static_cast<std::size_t>(window);
  const std::vector<double> slopes = slopes_of(c);
  for (std::size_t i = 0; i < c.gaps(); ++i) {
    const double middle = (c.n[i] + c.n[i + 1]) / 2;
    const double left = level(c, i + 1 > w ? i + 1 - w : 0, i + 1, slopes[i], middle);
    const double right = level(c, i + 1, std::min(c.rows(), i + 1 + w), slopes[i], middle);
    out.jump_us.push_back(right - left);
  }
  const double everywhere = std::max(sigma(out.jump_us), smallest_noise(c));
  for (std::size_t i = 0; i < c.gaps(); ++i) {
    out.error_us.push_back(std::max(everywhere, local_spread(out.jump_us, i, w)));
    out.score.push_back(out.jump_us[i] / out.error_us[i]);
  }
  thin(out.score, w);
  return out;
}

double noise_us(const Curve& c) {
  if (c.rows() < 3) return 0;
  const std::vector<double> r = bends(c);
  constexpr double kOfOneRow = 0.816;  // a bend's variance is 1.5 × a row's
  return kOfOneRow * sigma(std::span(r).subspan(1, r.size() - 2));
}

}  // namespace mlawave::analysis
