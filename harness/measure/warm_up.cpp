#include "harness/measure/warm_up.h"

#include <chrono>
#include <cstdlib>

namespace mlawave::measure {

double steady_seconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

bool WarmUp::near(int mhz) const {
  return std::abs(mhz - steady_mhz_) <= rule_.tolerance * steady_mhz_;
}

int WarmUp::run(Timer& timer) {
  const bool is_first = steady_mhz_ == 0;
  const double window = is_first ? rule_.first_seconds : rule_.later_seconds;
  const double most = is_first ? rule_.first_max_seconds : rule_.later_max_seconds;
  const double begin = now_();
  double since = begin;
  for (int n = 1;; ++n) {
    const int mhz = timer.sample().sm_clock_mhz;
    if (mhz == 0 || (n == 1 && near(mhz))) return n;
    if (!near(mhz)) {
      steady_mhz_ = mhz;
      since = now_();
    }
    if (now_() - since >= window || now_() - begin >= most) return n;
  }
}

}  // namespace mlawave::measure
