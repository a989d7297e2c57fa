// `--kernel auto`: the kernel that is expected to be the fastest for a problem.
#pragma once

#include <string>
#include <string_view>

#include "kernels/api/kernel.h"

namespace mlawave {

inline constexpr std::string_view kAutoKernel = "auto";

struct Choice {
  const api::Kernel* kernel = nullptr;  // null: no kernel of the order supports the request
  std::string reason;  // the rule, and why kernels before this one were passed over
};

// Of `kernels` the first one that supports the request, in the order that measurements give for its
// query rows; the table is in choose.cpp. What a device cannot do, supports() says: the order knows
// nothing of devices.
Choice choose(api::Kernels kernels, const api::PlanRequest&, api::Backend);

}  // namespace mlawave
