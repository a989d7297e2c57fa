// `--list`: the ids of all cases, one a line, as fast as a million of them need.
#pragma once

#include <cstdio>

#include "harness/plan/plan.h"

namespace mlawave::cli {

// Throws std::runtime_error when `out` takes no more.
void list_cases(const plan::Plan&, std::FILE* out);

}  // namespace mlawave::cli
