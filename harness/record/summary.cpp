#include "harness/record/summary.h"

#include <algorithm>

#include "harness/stats/bootstrap.h"
#include "harness/stats/quantiles.h"

namespace mlawave::record {

std::vector<double> valid_times_us(std::span<const Sample> samples) {
  std::vector<double> times;
  times.reserve(samples.size());
  for (const Sample& s : samples)
    if (!s.throttled) times.push_back(s.time_us);
  return times;
}

Summary summarize(std::span<const Sample> samples) {
  const std::vector<double> times = valid_times_us(samples);
  if (times.empty()) return {};
  const auto [lo, hi] = stats::median_interval(times);
  return {stats::median(times), lo, hi, stats::mad(times), static_cast<int>(times.size())};
}

std::optional<double> sm_clock_mhz(std::span<const Sample> samples) {
  std::vector<double> clocks;
  for (const Sample& s : samples)
    if (!s.throttled && s.sm_clock_mhz > 0) clocks.push_back(s.sm_clock_mhz);
  if (clocks.empty()) return std::nullopt;
  return stats::median(clocks);
}

void summarize(AaCheck& check) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(check.first.size(), check.second.size()); ++i)
    if (!check.first[i].throttled && !check.second[i].throttled && check.first[i].time_us > 0)
      ratios.push_back(check.second[i].time_us / check.first[i].time_us);
  check.ratio = check.ratio_lo = check.ratio_hi = 0;
  if (ratios.empty()) return;
  const auto [lo, hi] = stats::median_interval(ratios);
  check.ratio = stats::median(ratios);
  check.ratio_lo = lo;
  check.ratio_hi = hi;
}

}  // namespace mlawave::record
