// What to take, for people and for programs.
#pragma once

#include <span>
#include <string>

#include "harness/analysis/tune_run.h"

namespace mlawave::analysis {

// A headline that says measured or PREDICTED, one table, and what it comes to.
std::string as_text(const Tuning&);

// {"tunings":[{"backend","measured",…,"choices":[…],"least_total":{…},…}]}. Ends with a newline.
std::string as_json(std::span<const Tuning>);

}  // namespace mlawave::analysis
