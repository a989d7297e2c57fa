// Runs a timer until the SM clock no longer moves.
#pragma once

#include <functional>

#include "harness/measure/device.h"

namespace mlawave::measure {

// An H100 that comes from idle climbs for up to 0.1 s, over plateaus: equal readings in a row are
// not enough, they must last.
struct WarmUpRule {
  double tolerance = 0.01;     // of the clock
  double first_seconds = 0.5;  // the clock must stay this long, for the first case of a run
  double first_max_seconds = 2;
  // For a later case, when the clock is not where the last one left it. Under a load that changes
  // by the case a clock need never stay: half of the cases of pr408 find it moved.
  double later_seconds = 0.05;
  double later_max_seconds = 0.1;
};

double steady_seconds();  // of a clock that only goes forward

class WarmUp {
 public:
  explicit WarmUp(const WarmUpRule& rule = {}, std::function<double()> now = steady_seconds)
      : rule_(rule), now_(std::move(now)) {}

  // Samples taken, none of them kept: at least one. A device that does not say its clock (0) is
  // taken as steady. Gives up at the rule's cap.
  int run(Timer&);

 private:
  bool near(int mhz) const;

  WarmUpRule rule_;
  std::function<double()> now_;
  int steady_mhz_ = 0;  // where the clock was after the last run()
};

}  // namespace mlawave::measure
