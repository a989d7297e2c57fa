#include "harness/stats/bootstrap.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>
#include <numeric>
#include <vector>

namespace mlawave::stats {
namespace {

constexpr std::size_t kExactUpTo = 1000;

double log_choose(double n, double k) {
  return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1);
}

// P(Binomial(n, p) >= m).
double binomial_tail(int n, double p, int m) {
  if (p >= 1) return 1;
  double sum = 0;
  for (int k = m; k <= n; ++k)
    sum += std::exp(log_choose(n, k) + k * std::log(p) + (n - k) * std::log1p(-p));
  return std::min(sum, 1.0);
}

// What depends on the count alone; index i stands for x_(i+1).
struct Weights {
  std::vector<double> order_m;    // P(m-th smallest <= x_i)
  std::vector<double> same;       // even n: P(both middle ones are x_i)
  std::vector<double> lower;      // even n: P(x_i and x_j) = lower[i] · upper[j], i < j
  std::vector<double> upper_sum;  // even n: [n + 1] upper[0] + … + upper[j - 1]
};

Weights make_weights(int n) {
  Weights w;
  const int m = (n + 1) / 2;
  for (int k = 1; k <= n; ++k) w.order_m.push_back(binomial_tail(n, double(k) / n, m));
  if (n % 2 == 1) return w;
  const double half_log_choose = log_choose(n, m) / 2;
  const auto power = [&](int k) {  // sqrt(C(2m, m)) · (k/n)^m
    return k == 0 ? 0 : std::exp(half_log_choose + m * std::log(double(k) / n));
  };
  w.upper_sum.push_back(0);
  for (int i = 1; i <= n; ++i) {
    w.lower.push_back(power(i) - power(i - 1));
    w.upper_sum.push_back(w.upper_sum.back() + power(n - i + 1) - power(n - i));
  }
  for (int i = 0; i < n; ++i) {
    const double at_i = w.order_m[i] - (i == 0 ? 0 : w.order_m[i - 1]);
    w.same.push_back(at_i - w.lower[i] * (w.upper_sum[n] - w.upper_sum[i + 1]));
  }
  return w;
}

const Weights& weights(std::size_t n) {
  thread_local std::map<std::size_t, Weights> cache;
  const auto [at, is_new] = cache.try_emplace(n);
  if (is_new) at->second = make_weights(static_cast<int>(n));
  return at->second;
}

// P(median of a resample <= t), even n.
double cumulative(const std::vector<double>& x, const Weights& w, double t) {
  double sum = 0;
  std::size_t end = x.size();  // x[j] <= 2t - x[i] for all j < end
  for (std::size_t i = 0; i < x.size() && x[i] <= t; ++i) {
    while (end > i + 1 && std::midpoint(x[i], x[end - 1]) > t) --end;
    sum += w.same[i];
    if (end > i + 1) sum += w.lower[i] * (w.upper_sum[end] - w.upper_sum[i + 1]);
  }
  return sum;
}

// Smallest t with cumulative(t) >= p, to the last bits of a double.
double even_bound(const std::vector<double>& x, const Weights& w, double p) {
  double below = x.front(), reached = x.back();
  if (cumulative(x, w, below) >= p) return below;
  for (int step = 0; step < 60 && below < reached; ++step) {
    const double middle = std::midpoint(below, reached);
    (cumulative(x, w, middle) >= p ? reached : below) = middle;
  }
  return reached;
}

double odd_bound(const std::vector<double>& x, const Weights& w, double p) {
  const auto at = std::lower_bound(w.order_m.begin(), w.order_m.end(), p);
  const auto k = static_cast<std::size_t>(at - w.order_m.begin());
  return x[std::min(k, x.size() - 1)];
}

// Rank of the median is n/2 ± z·sqrt(n)/2.
double large_bound(const std::vector<double>& x, double z) {
  const auto n = static_cast<double>(x.size());
  const double rank = std::clamp(n / 2 + z * std::sqrt(n) / 2, 0.0, n - 1);
  return x[static_cast<std::size_t>(rank)];
}

// Inverse of the normal distribution, by bisection: only used for long series.
double normal_quantile(double p) {
  double lo = -10, hi = 10;
  for (int step = 0; step < 60; ++step) {
    const double z = (lo + hi) / 2;
    (0.5 * std::erfc(-z / std::sqrt(2.0)) < p ? lo : hi) = z;
  }
  return lo;
}

}  // namespace

Interval median_interval(std::span<const double> samples, double confidence) {
  assert(!samples.empty() && confidence > 0 && confidence < 1);
  std::vector<double> x(samples.begin(), samples.end());
  std::sort(x.begin(), x.end());
  const double tail = (1 - confidence) / 2;
  if (x.size() > kExactUpTo) {
    const double z = normal_quantile(1 - tail);
    return {large_bound(x, -z), large_bound(x, z)};
  }
  const Weights& w = weights(x.size());
  const auto bound = x.size() % 2 == 1 ? odd_bound : even_bound;
  return {bound(x, w, tail), bound(x, w, 1 - tail)};
}

}  // namespace mlawave::stats
