// The whole command line in one call, so that tests can make it too.
#pragma once

#include <string>

#include "kernels/api/kernel.h"

namespace mlawave::cli {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailure = 1;  // a measured failure
inline constexpr int kExitBadInput = 2;

// Messages go to stderr. Throws nothing.
int run_app(int argc, char** argv, api::Kernels);

// The command as typed, each argument quoted where a shell needs it.
std::string shell_text(int argc, const char* const* argv);

}  // namespace mlawave::cli
