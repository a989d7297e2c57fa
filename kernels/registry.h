// Every kernel of this build. A name and a backend identify one.
#pragma once

#include "kernels/api/kernel.h"

namespace mlawave {

api::Kernels all_kernels();

}  // namespace mlawave
