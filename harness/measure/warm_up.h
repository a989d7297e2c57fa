// Runs a timer until the SM clock no longer moves.
#pragma once

#include "harness/measure/device.h"

namespace mlawave::measure {

struct WarmUpRule {
  double tolerance = 0.01;  // of the clock, between the last `steady` readings
  int steady = 3;           // readings in a row; one is enough when equal to the last case's clock
  int max_samples = 200;
  double max_seconds = 2;
};

class WarmUp {
 public:
  explicit WarmUp(const WarmUpRule& rule = {}) : rule_(rule) {}

  // Samples taken, none of them kept: at least one. A device that does not say its clock (0) is
  // taken as steady. Gives up at the rule's caps.
  int run(Timer&);

 private:
  WarmUpRule rule_;
  int steady_mhz_ = 0;  // where the clock was after the last run()
};

}  // namespace mlawave::measure
