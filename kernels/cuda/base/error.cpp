#include "kernels/cuda/base/error.h"

#include <cstdio>

#include "kernels/cuda/base/driver.h"

namespace mlawave::cuda {
namespace {

std::string describe(cudaError_t error) {
  return std::string(cudaGetErrorName(error)) + " (" + cudaGetErrorString(error) + ")";
}

// cuGetErrorName lives in the driver, which this binary does not link.
std::string describe(CUresult result) {
  const char* name = nullptr;
  const char* text = nullptr;
  if (auto* get = driver_function<decltype(cuGetErrorName)>("cuGetErrorName", 6000))
    get(result, &name);
  if (auto* get = driver_function<decltype(cuGetErrorString)>("cuGetErrorString", 6000))
    get(result, &text);
  if (!name) return "CUresult " + std::to_string(static_cast<int>(result));
  return std::string(name) + " (" + (text ? text : "") + ")";
}

std::string place(const char* file, int line) {
  return std::string(file) + ":" + std::to_string(line);
}

template <class Code>
[[noreturn]] void throw_any(Code code, const char* call, const char* file, int line) {
  throw CudaError(static_cast<int>(code),
                  std::string(call) + ": " + describe(code) + ", " + place(file, line));
}

template <class Code>
void log_any(Code code, const char* call, const char* file, int line) noexcept {
  if (static_cast<int>(code) == cudaErrorCudartUnloading) return;
  std::fprintf(stderr, "mlawave: %s failed with CUDA error %d, %s:%d\n", call,
               static_cast<int>(code), file, line);
}

}  // namespace

bool device_usable() noexcept {
  cudaGetLastError();
  return cudaDeviceSynchronize() == cudaSuccess && cudaGetLastError() == cudaSuccess;
}

namespace detail {

void throw_error(cudaError_t e, const char* call, const char* file, int line) {
  throw_any(e, call, file, line);
}
void throw_error(CUresult r, const char* call, const char* file, int line) {
  throw_any(r, call, file, line);
}
void log_error(cudaError_t e, const char* call, const char* file, int line) noexcept {
  log_any(e, call, file, line);
}
void log_error(CUresult r, const char* call, const char* file, int line) noexcept {
  log_any(r, call, file, line);
}

}  // namespace detail
}  // namespace mlawave::cuda
