// What the kernels of a launch occupy on this GPU: registers, local and shared memory, CTAs per SM.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace mlawave::cuda {

struct Footprint {
  std::string kernel;             // without namespaces and parameters: "decode<…>"
  int threads = 0;                // of a CTA
  int registers = 0;              // of a thread
  std::int64_t local_bytes = 0;   // of a thread: stack and spilled registers
  std::int64_t shared_bytes = 0;  // of a CTA, static and dynamic
  int ctas_per_sm = 0;            // that fit, by registers, shared memory and threads
};

// Captures what `enqueue` puts on the stream into a graph and looks at its kernels, in order;
// nothing runs. So it serves whatever enqueues, a plugin's kernels too. Throws CudaError.
std::vector<Footprint> footprints_of(const std::function<void(cudaStream_t)>& enqueue);

// "void a::(anonymous namespace)::decode<(b::C)0, 2>(a::Args)" -> "decode<(C)0, 2>".
std::string short_kernel_name(const std::string& demangled);

}  // namespace mlawave::cuda
