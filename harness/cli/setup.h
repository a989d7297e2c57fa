// From the command line to a config that this build and machine can run.
#pragma once

#include <functional>
#include <string>

#include "harness/config/read.h"
#include "kernels/api/kernel.h"

namespace mlawave::cli {

config::KnownNames known_names(api::Kernels, bool built_with_cuda);

// `file` may be empty. Throws config::BadInput.
config::SweepConfig load_config(const std::string& file, const config::Flags&,
                                const config::KnownNames&);

// Why a backend cannot be used here; empty when it can.
using WhyNot = std::function<std::string(api::Backend)>;

// Keeps the backends that were named; else takes cuda where it can be used, cpu where not, and
// says so in the returned line (empty when they were named).
std::string choose_backends(config::SweepConfig&, const WhyNot&);

// Throws config::BadInput for a backend that cannot be used.
void require_backends(const config::SweepConfig&, const WhyNot&);

}  // namespace mlawave::cli
