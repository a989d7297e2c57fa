#include "kernels/cuda/base/footprint.h"

#include <cuda.h>
#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <regex>

#include "kernels/cuda/base/driver.h"
#include "kernels/cuda/base/error.h"
#include "kernels/cuda/base/stream.h"

namespace mlawave::cuda {
namespace {

struct GraphDestroyer {
  using pointer = cudaGraph_t;
  void operator()(cudaGraph_t g) const noexcept { MLAWAVE_CUDA_LOG(cudaGraphDestroy(g)); }
};
using OwnedGraph = std::unique_ptr<cudaGraph_t, GraphDestroyer>;

// Of the driver, because a plugin's kernels are unknown to this program's runtime.
struct Driver {
  decltype(cuGraphKernelNodeGetParams)* node_params =
      driver_function<decltype(cuGraphKernelNodeGetParams)>("cuGraphKernelNodeGetParams", 12000);
  decltype(cuKernelGetFunction)* function_of =
      driver_function<decltype(cuKernelGetFunction)>("cuKernelGetFunction", 12000);
  decltype(cuFuncGetName)* name = driver_function<decltype(cuFuncGetName)>("cuFuncGetName", 12030);
  decltype(cuFuncGetAttribute)* attribute =
      driver_function<decltype(cuFuncGetAttribute)>("cuFuncGetAttribute", 12000);
  decltype(cuOccupancyMaxActiveBlocksPerMultiprocessor)* occupancy =
      driver_function<decltype(cuOccupancyMaxActiveBlocksPerMultiprocessor)>(
          "cuOccupancyMaxActiveBlocksPerMultiprocessor", 12000);
  bool complete() const { return node_params && function_of && name && attribute && occupancy; }
};

OwnedGraph capture(const std::function<void(cudaStream_t)>& enqueue) {
  const OwnedStream stream = make_stream();
  cudaGraph_t graph = nullptr;
  MLAWAVE_CUDA_CHECK(cudaStreamBeginCapture(stream.get(), cudaStreamCaptureModeThreadLocal));
  try {
    enqueue(stream.get());
  } catch (...) {
    cudaStreamEndCapture(stream.get(), &graph);  // fails too, and frees what there is
    const OwnedGraph owned(graph);
    throw;
  }
  MLAWAVE_CUDA_CHECK(cudaStreamEndCapture(stream.get(), &graph));
  return OwnedGraph(graph);
}

std::string demangled(const char* name) {
  const std::unique_ptr<char, void (*)(void*)> text(
      abi::__cxa_demangle(name, nullptr, nullptr, nullptr), std::free);
  return text ? text.get() : name;
}

Footprint look_at(const Driver& driver, CUgraphNode node) {
  CUDA_KERNEL_NODE_PARAMS params{};
  MLAWAVE_CUDA_CHECK(driver.node_params(node, &params));
  CUfunction function = params.func;
  if (!function) MLAWAVE_CUDA_CHECK(driver.function_of(&function, params.kern));
  const auto attribute = [&](CUfunction_attribute which) {
    int value = 0;
    MLAWAVE_CUDA_CHECK(driver.attribute(&value, which, function));
    return value;
  };
  Footprint f;
  const char* name = nullptr;
  MLAWAVE_CUDA_CHECK(driver.name(&name, function));
  f.kernel = short_kernel_name(demangled(name));
  f.threads = static_cast<int>(params.blockDimX * params.blockDimY * params.blockDimZ);
  f.registers = attribute(CU_FUNC_ATTRIBUTE_NUM_REGS);
  f.local_bytes = attribute(CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES);
  f.shared_bytes =
      attribute(CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES) + std::int64_t{params.sharedMemBytes};
  MLAWAVE_CUDA_CHECK(driver.occupancy(&f.ctas_per_sm, function, f.threads, params.sharedMemBytes));
  return f;
}

}  // namespace

std::vector<Footprint> footprints_of(const std::function<void(cudaStream_t)>& enqueue) {
  static const Driver driver;
  if (!driver.complete()) return {};  // a driver from before CUDA 12.3
  const OwnedGraph graph = capture(enqueue);
  std::size_t count = 0;
  MLAWAVE_CUDA_CHECK(cudaGraphGetNodes(graph.get(), nullptr, &count));
  std::vector<cudaGraphNode_t> nodes(count);
  MLAWAVE_CUDA_CHECK(cudaGraphGetNodes(graph.get(), nodes.data(), &count));
  std::vector<Footprint> found;
  for (cudaGraphNode_t node : nodes) {
    cudaGraphNodeType type{};
    MLAWAVE_CUDA_CHECK(cudaGraphNodeGetType(node, &type));
    if (type == cudaGraphNodeTypeKernel) found.push_back(look_at(driver, node));
  }
  return found;
}

std::string short_kernel_name(const std::string& demangled) {
  static const std::regex kNoise(R"(^void |\(anonymous namespace\)::|\w+::)");
  std::string text = std::regex_replace(demangled, kNoise, "");
  int depth = 0;  // of template arguments: the first ( outside of them opens the parameters
  for (std::size_t i = 0; i < text.size(); ++i) {
    depth += text[i] == '<';
    depth -= text[i] == '>';
    if (text[i] == '(' && depth == 0) return text.substr(0, i);
  }
  return text;
}

}  // namespace mlawave::cuda
