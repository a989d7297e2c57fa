#include "harness/measure/warm_up.h"

#include <chrono>
#include <cstdlib>

namespace mlawave::measure {

using Clock = std::chrono::steady_clock;

int WarmUp::run(Timer& timer) {
  int agreeing = steady_mhz_ != 0 ? rule_.steady - 1 : 0;
  const auto begin = Clock::now();
  for (int n = 1;; ++n) {
    const int mhz = timer.sample().sm_clock_mhz;
    const bool agrees = std::abs(mhz - steady_mhz_) <= rule_.tolerance * steady_mhz_;
    agreeing = agrees ? agreeing + 1 : 1;
    steady_mhz_ = mhz;
    if (mhz == 0 || agreeing >= rule_.steady || n >= rule_.max_samples) return n;
    if (std::chrono::duration<double>(Clock::now() - begin).count() > rule_.max_seconds) return n;
  }
}

}  // namespace mlawave::measure
