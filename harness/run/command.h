// The command line that measures one case again.
#pragma once

#include <string>

#include "harness/config/sweep_config.h"
#include "harness/plan/case.h"

namespace mlawave::run {

// "mlawave sweep --backend … --n-kv … --out repro": the case's axes, and the policy where it is
// not the default.
std::string command_for(const plan::Case&, const config::Policy&);

}  // namespace mlawave::run
