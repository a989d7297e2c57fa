// When a case has been sampled enough.
#pragma once

#include <span>

namespace mlawave::stats {

struct StopRule {  // min_samples <= max_samples
  int min_samples = 9;
  int max_samples = 60;
  double target_interval = 0.01;  // half width of the 95 % interval of the median / median
};

enum class Stop { go_on, interval, max_samples };

Stop decide(std::span<const double> samples, const StopRule&);

}  // namespace mlawave::stats
