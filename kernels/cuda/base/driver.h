// Driver API functions, looked up at run time: the program neither links libcuda nor fails to
// start where the driver is missing or too old for one of them.
#pragma once

#include <cuda_runtime_api.h>

namespace mlawave::cuda {

namespace detail {
void* driver_entry(const char* name,
                   unsigned version);  // null where the driver has no such function
}

// Pointer to a driver function as of CUDA `version` (12040 for 12.4), or null.
//   auto* create = driver_function<decltype(cuGreenCtxCreate)>("cuGreenCtxCreate", 12040);
template <class Function>
Function* driver_function(const char* name, unsigned version) {
  return reinterpret_cast<Function*>(detail::driver_entry(name, version));
}

}  // namespace mlawave::cuda
