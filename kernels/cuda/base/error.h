// Every CUDA call goes through one of the checks below; after a launch:
// MLAWAVE_CUDA_CHECK(cudaGetLastError()).
#pragma once

#include <cuda.h>
#include <cuda_runtime_api.h>

#include <stdexcept>
#include <string>

namespace mlawave::cuda {

// What went wrong: "cudaMalloc(&p, n): cudaErrorMemoryAllocation (out of memory), file.cpp:12".
class CudaError : public std::runtime_error {
 public:
  CudaError(int code, const std::string& what) : std::runtime_error(what), code_(code) {}
  // Numbers of cudaError_t and CUresult agree.
  int code() const { return code_; }
  bool is_out_of_memory() const { return code_ == cudaErrorMemoryAllocation; }

 private:
  int code_;
};

// False after a "sticky" error (illegal address, failed assertion, …): no later call of this
// process on the device succeeds. Waits for the device; a pending harmless error is cleared.
bool device_usable() noexcept;

namespace detail {
[[noreturn]] void throw_error(cudaError_t, const char* call, const char* file, int line);
[[noreturn]] void throw_error(CUresult, const char* call, const char* file, int line);
void log_error(cudaError_t, const char* call, const char* file, int line) noexcept;
void log_error(CUresult, const char* call, const char* file, int line) noexcept;

inline bool failed(cudaError_t e) { return e != cudaSuccess; }
inline bool failed(CUresult r) { return r != CUDA_SUCCESS; }
}  // namespace detail

}  // namespace mlawave::cuda

// Throws CudaError. `call` returns a cudaError_t (runtime) or a CUresult (driver).
#define MLAWAVE_CUDA_CHECK(...)                                                               \
  do {                                                                                        \
    if (const auto mlawave_result = (__VA_ARGS__);                                            \
        ::mlawave::cuda::detail::failed(mlawave_result))                                      \
      ::mlawave::cuda::detail::throw_error(mlawave_result, #__VA_ARGS__, __FILE__, __LINE__); \
  } while (false)

// One line on stderr instead: for destructors. Silent while the process shuts the driver down.
#define MLAWAVE_CUDA_LOG(...)                                                               \
  do {                                                                                      \
    if (const auto mlawave_result = (__VA_ARGS__);                                          \
        ::mlawave::cuda::detail::failed(mlawave_result))                                    \
      ::mlawave::cuda::detail::log_error(mlawave_result, #__VA_ARGS__, __FILE__, __LINE__); \
  } while (false)
