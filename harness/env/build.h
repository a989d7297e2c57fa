// The build that is running: filled in by CMake.
#pragma once

#include "harness/record/run_info.h"

namespace mlawave::env {

record::BuildInfo build_info();

}  // namespace mlawave::env
