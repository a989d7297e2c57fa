#include "kernels/cuda/portable/launch.h"

#include <cuda_runtime.h>
#include <fmt/format.h>

#include "kernels/cuda/base/error.h"
#include "kernels/cuda/base/launch.h"
#include "kernels/cuda/portable/variants.h"
#include "kernels/cuda/tile/decode_plan.h"

namespace mlawave::cuda::portable {
namespace {

int device_attribute(cudaDeviceAttr attribute) {
  int device = 0, value = 0;
  MLAWAVE_CUDA_CHECK(cudaGetDevice(&device));
  MLAWAVE_CUDA_CHECK(cudaDeviceGetAttribute(&value, attribute, device));
  return value;
}

cudaFuncAttributes attributes_of(DecodeFunction function) {
  cudaFuncAttributes attributes{};
  MLAWAVE_CUDA_CHECK(cudaFuncGetAttributes(&attributes, reinterpret_cast<const void*>(function)));
  return attributes;
}

// ptxVersion is the architecture that the kernel's __CUDA_ARCH__ named.
TileShape shape_of(const cudaFuncAttributes& attributes) {
  return {kRows,   1, 1, shared_bytes(ring_slots(attributes.ptxVersion)), attributes.numRegs,
          kThreads};
}

class PortablePlan final : public DecodePlan {
 public:
  PortablePlan(const api::PlanRequest& request, DecodeFunction function)
      : DecodePlan(request, shape_of(attributes_of(function))), function_(function) {
    MLAWAVE_CUDA_CHECK(cudaFuncSetAttribute(reinterpret_cast<const void*>(function),
                                            cudaFuncAttributeMaxDynamicSharedMemorySize,
                                            static_cast<int>(info().shared_bytes_per_cta)));
  }

 protected:
  void launch_main(const DecodeArgs& args, bool dependent, cudaStream_t stream) override {
    void* parameters[] = {const_cast<DecodeArgs*>(&args)};
    LaunchShape shape;
    shape.ctas = info().slots;
    shape.threads = kThreads;
    shape.shared_bytes = static_cast<int>(info().shared_bytes_per_cta);
    shape.dependent = dependent;
    launch_kernel(reinterpret_cast<const void*>(function_), shape, parameters, stream);
  }

 private:
  DecodeFunction function_;
};

template <VSource V>
class PortableKernel final : public api::Kernel {
 public:
  PortableKernel(std::string_view name, std::string_view description)
      : name_(name), description_(description) {}
  std::string_view name() const override { return name_; }
  std::string_view description() const override { return description_; }
  api::Backend backend() const override { return api::Backend::cuda; }
  bool needs_separate_v() const override { return V == VSource::separate; }

  api::Support supports(const api::PlanRequest& request) const override {
    if (const int major = device_attribute(cudaDevAttrComputeCapabilityMajor); major < 8)
      return {false, fmt::format("compute capability {}.x: expected 8.0 or later", major)};
    const int compiled_for = attributes_of(function_for(request)).ptxVersion;
    const int needed = shared_bytes(ring_slots(compiled_for));
    if (const int most = device_attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin); needed > most)
      return {false,
              fmt::format("{} bytes of shared memory a CTA, expected {}: this build has code "
                          "for compute capability {}.{}, build for this GPU's",
                          most, needed, compiled_for / 10, compiled_for % 10)};
    return api::check_limits(request);
  }

  std::unique_ptr<api::Plan> plan(const api::PlanRequest& request) const override {
    return std::make_unique<PortablePlan>(request, function_for(request));
  }

 private:
  static DecodeFunction function_for(const api::PlanRequest& request) {
    return variant<V>(request.problem.dtype, request.problem.page_size > 0);
  }
  std::string_view name_, description_;
};

}  // namespace

const api::Kernel& baseline() {
  static const PortableKernel<VSource::reload> kernel{
      "baseline", "16 rows, mma.sync, V loaded again from the K cache (sm_80+)"};
  return kernel;
}

const api::Kernel& baseline_separate_v() {
  static const PortableKernel<VSource::separate> kernel{
      "baseline_separate_v", "16 rows, mma.sync, V loaded from a cache of its own (sm_80+)"};
  return kernel;
}

const api::Kernel& tile_reuse() {
  static const PortableKernel<VSource::reuse> kernel{
      "tile_reuse", "16 rows, mma.sync, V read from the K tile in shared memory (sm_80+)"};
  return kernel;
}

}  // namespace mlawave::cuda::portable
