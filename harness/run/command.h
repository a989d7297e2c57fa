// The command line that measures one case again.
#pragma once

#include <string>
#include <string_view>

#include "harness/config/sweep_config.h"
#include "harness/plan/case.h"
#include "kernels/api/kernel.h"

namespace mlawave::run {

// "mlawave sweep --backend … --n-kv … --out repro": the case's axes, the policy where it is not
// the default, and the plugin where the kernel is one's.
std::string command_for(const plan::Case&, const config::Policy&, api::Kernels);

// A word of a command line, quoted where a shell needs it.
std::string shell_word(std::string_view);

}  // namespace mlawave::run
