// The whole command line in one call, so that tests can make it too.
#pragma once

#include <string>

#include "kernels/api/kernel.h"

namespace mlawave::cli {

// Exit code as in commands.h. Messages go to stderr. Throws nothing.
int run_app(int argc, char** argv, api::Kernels);

// The command as typed, each argument quoted where a shell needs it.
std::string shell_text(int argc, const char* const* argv);

}  // namespace mlawave::cli
