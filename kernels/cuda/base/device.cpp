#include "kernels/cuda/base/device.h"

#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include "kernels/cuda/base/error.h"

namespace mlawave::cuda {
namespace {

std::string uuid_text(const cudaUUID_t& uuid) {
  std::string text = "GPU";
  for (int i = 0; i < 16; ++i) {
    if (i == 0 || i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", static_cast<unsigned char>(uuid.bytes[i]));
  }
  return text;
}

}  // namespace

std::string version_text(int version) {
  return fmt::format("{}.{}", version / 1000, version % 1000 / 10);
}

std::string driver_problem(int driver_version, int runtime_version) {
  if (driver_version == 0) return "no NVIDIA driver is installed, or it is not loaded";
  if (driver_version / 1000 < runtime_version / 1000)
    return fmt::format(
        "the NVIDIA driver is too old: it supports CUDA up to {}, this program was built with CUDA "
        "{}; "
        "install a driver for CUDA {}.0 or newer, or build with a CUDA {} toolkit",
        version_text(driver_version), version_text(runtime_version), runtime_version / 1000,
        driver_version / 1000);
  return "";
}

std::string why_no_device() {
  int driver = 0, runtime = 0, count = 0;
  cudaRuntimeGetVersion(&runtime);
  cudaDriverGetVersion(&driver);  // succeeds with 0 where there is no driver
  if (std::string problem = driver_problem(driver, runtime); !problem.empty()) {
    cudaGetLastError();
    return problem;
  }
  const cudaError_t error = cudaGetDeviceCount(&count);
  cudaGetLastError();
  if (error != cudaSuccess)
    return fmt::format("no CUDA device: {} ({})", cudaGetErrorName(error),
                       cudaGetErrorString(error));
  return count > 0 ? "" : "no CUDA device";
}

DeviceProperties query_device(int index) {
  if (const std::string why = why_no_device(); !why.empty()) throw NoDevice(why);
  cudaDeviceProp p{};
  MLAWAVE_CUDA_CHECK(cudaGetDeviceProperties(&p, index));
  DeviceProperties d;
  d.index = index;
  d.name = p.name;
  d.uuid = uuid_text(p.uuid);
  d.major = p.major;
  d.minor = p.minor;
  d.sms = p.multiProcessorCount;
  d.l2_bytes = p.l2CacheSize;
  d.memory_bytes = static_cast<std::int64_t>(p.totalGlobalMem);
  d.shared_bytes_per_sm = static_cast<std::int64_t>(p.sharedMemPerMultiprocessor);
  d.shared_bytes_per_block = static_cast<std::int64_t>(p.sharedMemPerBlockOptin);
  d.registers_per_sm = p.regsPerMultiprocessor;
  MLAWAVE_CUDA_CHECK(cudaDriverGetVersion(&d.driver_version));
  MLAWAVE_CUDA_CHECK(cudaRuntimeGetVersion(&d.runtime_version));
  return d;
}

std::int64_t free_memory() {
  std::size_t free = 0, total = 0;
  MLAWAVE_CUDA_CHECK(cudaMemGetInfo(&free, &total));
  return static_cast<std::int64_t>(free);
}

}  // namespace mlawave::cuda
