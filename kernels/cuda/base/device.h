// What the GPU is.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace mlawave::cuda {

// No GPU, no driver, or a driver too old for this program; the message says which and what to do.
struct NoDevice : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct DeviceProperties {
  int index = 0;
  std::string name;          // "NVIDIA H100 80GB HBM3"
  std::string uuid;          // "GPU-01234567-89ab-…", as nvidia-smi prints it
  int major = 0, minor = 0;  // compute capability
  int sms = 0;
  std::int64_t l2_bytes = 0;
  std::int64_t memory_bytes = 0;
  std::int64_t shared_bytes_per_sm = 0;
  std::int64_t shared_bytes_per_block = 0;  // largest that a kernel can opt in to
  int registers_per_sm = 0;
  int driver_version = 0;   // newest CUDA of the driver: 13000 is 13.0
  int runtime_version = 0;  // CUDA this program was built with
};

// "13.0" from 13000.
std::string version_text(int version);

// Why a driver of `driver_version` (0: none installed) can't run a program built with
// `runtime_version`; empty when it can. Since CUDA 11 any driver of the same major version will do.
std::string driver_problem(int driver_version, int runtime_version);

// Why no CUDA program can run here; empty when one can. Asks the driver, never throws.
std::string why_no_device();

// Throws NoDevice.
DeviceProperties query_device(int index = 0);

// Free device memory right now, in bytes.
std::int64_t free_memory();

}  // namespace mlawave::cuda
