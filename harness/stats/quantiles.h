// Order statistics. Samples in any order, none of them NaN, at least one; copies are sorted inside.
#pragma once

#include <span>

namespace mlawave::stats {

// Linear interpolation between order statistics at rank p·(n-1) (Hyndman and Fan's type 7);
// p in [0, 1].
double quantile(std::span<const double> samples, double p);

// Of an even count: the mean of the middle two.
double median(std::span<const double> samples);

// Median absolute deviation from the median, not scaled to a standard deviation.
double mad(std::span<const double> samples);

// Of a normal distribution: its standard deviation is this many median absolute deviations, and
// half its 95 % interval this many standard deviations.
inline constexpr double kSigmaPerMad = 1.4826;
inline constexpr double kTwoSided95 = 1.96;

}  // namespace mlawave::stats
