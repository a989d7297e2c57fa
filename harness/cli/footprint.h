// `mlawave devices`: what a kernel occupies on the GPU of this machine.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernels/api/kernel.h"

namespace mlawave::cli {

// "decode<…>: 249 registers, 0 B local, 215808 B shared, 1 CTAs/SM", one line for each kernel that
// a launch of the plan enqueues. Empty for other backends and where the driver does not tell.
std::vector<std::string> footprint_lines(const api::Kernel&, const api::PlanRequest&);

// What is known of a CUDA build without a GPU: shared memory and CTAs per SM of the portable
// kernels on each of its architectures ("80 90a"). Empty in a build without CUDA.
std::vector<std::string> architecture_lines(std::string_view compiled);

}  // namespace mlawave::cli
