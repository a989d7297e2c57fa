/* A CUDA plugin whose kernel writes to address 0: no later call of its process reaches the GPU. */
#include "../mlawave_plugin.h"

__global__ void write_nowhere(int* p) { *p = 1; }

static int plan_create(const mlawave_kernel*, const mlawave_request*, void**, char*, size_t) {
  return 0;
}

static int launch(void*, const mlawave_tensors*, uint32_t, void* stream, char*, size_t) {
  write_nowhere<<<1, 1, 0, static_cast<cudaStream_t>(stream)>>>(nullptr);
  return 0;
}

extern "C" const mlawave_plugin* mlawave_plugin_entry(void) {
  static const mlawave_kernel kernel = {sizeof(mlawave_kernel), MLAWAVE_BACKEND_CUDA,
                                        "writes_nowhere", "writes to address 0", 0, 0, nullptr,
                                        plan_create, nullptr, launch, nullptr};
  static const mlawave_kernel* const kernels[] = {&kernel};
  static const mlawave_plugin plugin = {sizeof(mlawave_plugin), MLAWAVE_PLUGIN_ABI_VERSION,
                                        "faulty_cuda", "0.1", 1, kernels};
  return &plugin;
}
