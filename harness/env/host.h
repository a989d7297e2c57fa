// The machine a run was made on, without its GPU.
#pragma once

#include <string>
#include <vector>

#include "harness/record/run_info.h"

namespace mlawave::env {

record::HostInfo host_info();

// CPUs this process may run on, sorted; never empty.
std::vector<int> allowed_cpus();

std::string now_utc();  // "2026-01-31T23:59:59Z"

}  // namespace mlawave::env
