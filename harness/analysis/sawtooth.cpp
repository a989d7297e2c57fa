#include "harness/analysis/sawtooth.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/analysis/chance.h"

namespace mlawave::analysis {
namespace {

double correlation(const std::vector<double>& x, std::size_t lag) {
  double product = 0, square = 0, mean = 0;
  for (double v : x) mean += cut_score(v) / static_cast<double>(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    square += (cut_score(x[i]) - mean) * (cut_score(x[i]) - mean);
    if (i + lag < x.size()) product += (cut_score(x[i]) - mean) * (cut_score(x[i + lag]) - mean);
  }
  return square > 0 ? product / square : 0;
}

struct FittedLine {
  double slope = 0, residual = 0;  // sum of squares
};

FittedLine fit(const Curve& c, std::size_t from, std::size_t to) {
  const double k = static_cast<double>(to - from);
  double mx = 0, my = 0;
  for (std::size_t i = from; i < to; ++i) mx += c.n[i] / k, my += c.y[i] / k;
  double xx = 0, xy = 0, yy = 0;
  for (std::size_t i = from; i < to; ++i) {
    xx += (c.n[i] - mx) * (c.n[i] - mx);
    xy += (c.n[i] - mx) * (c.y[i] - my);
    yy += (c.y[i] - my) * (c.y[i] - my);
  }
  if (xx <= 0) return {0, yy};
  return {xy / xx, yy - xy * xy / xx};
}

bool is_multiple(double lag, double period) {
  if (period <= 0) return false;
  const double ratio = lag / period;
  return std::abs(ratio - std::round(ratio)) < 0.1 && ratio > 0.5;
}

}  // namespace

std::optional<Event> short_sawtooth(const Series& s, const Curve& c, const Steps& w,
                                    double known_period) {
  constexpr std::size_t kLongest = 12, kFewestTeeth = 6;
  constexpr double kPlain = 0.3, kSigmas = 5;
  if (c.gaps() < 2 * kFewestTeeth) return std::nullopt;
  const double least = std::max(kPlain, kSigmas / std::sqrt(static_cast<double>(c.gaps())));
  std::size_t best = 0;
  double strongest = least;
  for (std::size_t lag = 2; lag <= kLongest && lag * kFewestTeeth <= c.gaps(); ++lag)
    if (const double r = correlation(w.score, lag); r > strongest) best = lag, strongest = r;
  if (best == 0) return std::nullopt;
  const double tokens = static_cast<double>(best) * c.row_step;
  if (is_multiple(tokens, known_period)) return std::nullopt;
  Event e;
  e.n_kv = static_cast<std::int64_t>(c.n.front());
  e.last_n_kv = static_cast<std::int64_t>(c.n.back());
  e.cause = s.backend == "cpu" ? Cause::cpu_thread_imbalance : Cause::tile_or_page_rounding;
  e.evidence = fmt::format(
      "the curve repeats itself every {:.0f} tokens (autocorrelation {:.2f}), a period that no SM "
      "count was needed for",
      tokens, strongest);
  return e;
}

std::optional<Event> l2_bend(const Series& s, const Curve& c) {
  constexpr double kNear = 0.3, kBend = 0.25;
  constexpr std::size_t kSide = 8;
  if (s.l2_bytes <= 0 || s.bytes_per_token <= 0) return std::nullopt;
  const double full = s.l2_bytes / s.bytes_per_token;
  std::optional<std::size_t> best;
  double least = 0;
  for (std::size_t i = kSide; i + kSide <= c.rows(); ++i) {
    const double sum = fit(c, 0, i).residual + fit(c, i, c.rows()).residual;
    if (!best || sum < least) best = i, least = sum;
  }
  if (!best || std::abs(c.n[*best] / full - 1) > kNear) return std::nullopt;
  const double before = fit(c, 0, *best).slope, after = fit(c, *best, c.rows()).slope;
  if (after < before * (1 + kBend) || least > 0.25 * fit(c, 0, c.rows()).residual)
    return std::nullopt;
  Event e;
  e.n_kv = e.last_n_kv = static_cast<std::int64_t>(c.n[*best]);
  e.cause = Cause::l2_capacity;
  e.evidence = fmt::format(
      "the slope goes from {:.3f} to {:.3f} µs per 1000 tokens where the cache "
      "({:.0f} tokens) fills the L2",
      1e3 * before, 1e3 * after, full);
  return e;
}

}  // namespace mlawave::analysis
