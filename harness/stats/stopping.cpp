#include "harness/stats/stopping.h"

#include "harness/stats/bootstrap.h"
#include "harness/stats/quantiles.h"

namespace mlawave::stats {

Stop decide(std::span<const double> samples, const StopRule& rule) {
  const int n = static_cast<int>(samples.size());
  if (n == 0 || n < rule.min_samples) return Stop::go_on;
  const Interval i = median_interval(samples);
  if ((i.hi - i.lo) / 2 <= rule.target_interval * median(samples)) return Stop::interval;
  return n >= rule.max_samples ? Stop::max_samples : Stop::go_on;
}

}  // namespace mlawave::stats
