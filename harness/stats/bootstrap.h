// Bootstrap interval of a median, exact: the limit of infinitely many resamples, so it needs no
// seed and is the same everywhere.
//
// A resample draws n of the n sorted samples x_1..x_n with replacement.
//   n = 2m-1: its median is its m-th smallest, and P(median <= x_k) = P(Binomial(n, k/n) >= m).
//   n = 2m:   its median is the mean of its m-th and (m+1)-th smallest; for i < j
//             P(x_i and x_j) = C(2m, m) · (i^m - (i-1)^m) · ((n-j+1)^m - (n-j)^m) / n^n,
//             and what is left of P(m-th is x_i) belongs to i = j.
// The interval's ends are the smallest medians whose cumulative probability reaches the tails
// (Efron, "Bootstrap methods", 1979, section 3, has the odd case).
#pragma once

#include <span>

namespace mlawave::stats {

struct Interval {
  double lo = 0, hi = 0;
};

// Samples in any order, at least one. Above 1000 samples the normal limit of the ranks is used.
Interval median_interval(std::span<const double> samples, double confidence = 0.95);

}  // namespace mlawave::stats
