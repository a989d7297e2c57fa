#include "kernels/cuda/tile_reuse_sm90_t/launch.h"

#include <cuda_runtime.h>
#include <fmt/format.h>

#include "kernels/cuda/base/error.h"
#include "kernels/cuda/tile/decode_plan.h"
#include "kernels/cuda/tile/tensor_map.h"
#include "kernels/cuda/tile_reuse_sm90_t/config.h"
#include "kernels/cuda/tile_reuse_sm90_t/variants.h"

namespace mlawave::cuda::tile_reuse_sm90_t {
namespace {

int rows_per_tile(const api::MlaProblem& p) { return p.rows() <= 16 ? 16 : 32; }

int shared_bytes(int rows) {
  return rows == 16 ? SharedLayout<16>::kAllocated : SharedLayout<32>::kAllocated;
}

TileShape shape_of(DecodeFunction function, int rows) {
  cudaFuncAttributes attributes{};
  MLAWAVE_CUDA_CHECK(cudaFuncGetAttributes(&attributes, reinterpret_cast<const void*>(function)));
  return {rows, 1, shared_bytes(rows), attributes.numRegs, kThreads};
}

class TransposedPlan final : public DecodePlan {
 public:
  TransposedPlan(const api::PlanRequest& request, DecodeFunction function, int rows)
      : DecodePlan(request, shape_of(function, rows)),
        function_(function),
        kv_rows_(request.problem.kv_rows()),
        q_rows_(static_cast<std::int64_t>(request.problem.batch()) * request.problem.rows()) {
    MLAWAVE_CUDA_CHECK(cudaFuncSetAttribute(reinterpret_cast<const void*>(function),
                                            cudaFuncAttributeMaxDynamicSharedMemorySize,
                                            shared_bytes(rows)));
  }

 protected:
  void launch_main(const DecodeArgs& args, cudaStream_t stream) override {
    CUtensorMap kv = tensor_map(args.kv, dtype(), kv_rows_, api::kDQk, kBoxTokens);
    CUtensorMap q = tensor_map(args.q, dtype(), q_rows_, api::kDQk, info().rows_per_tile);
    void* parameters[] = {const_cast<DecodeArgs*>(&args), &kv, &q};
    MLAWAVE_CUDA_CHECK(cudaLaunchKernel(reinterpret_cast<const void*>(function_), info().slots,
                                        kThreads, parameters, info().shared_bytes_per_cta, stream));
  }

 private:
  DecodeFunction function_;
  std::int64_t kv_rows_, q_rows_;
};

class TransposedKernel final : public api::Kernel {
 public:
  std::string_view name() const override { return "tile_reuse_sm90_t"; }
  std::string_view description() const override {
    return "16 or 32 rows, wgmma on transposed scores, V read from the K tile (sm_90a)";
  }
  api::Backend backend() const override { return api::Backend::cuda; }

  api::Support supports(const api::PlanRequest& request) const override {
    int device = 0, major = 0, minor = 0;
    MLAWAVE_CUDA_CHECK(cudaGetDevice(&device));
    MLAWAVE_CUDA_CHECK(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device));
    MLAWAVE_CUDA_CHECK(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, device));
    if (major != 9 || minor != 0)
      return {false, fmt::format("compute capability {}.{}: expected 9.0", major, minor)};
    return check_limits(request);
  }

  std::unique_ptr<api::Plan> plan(const api::PlanRequest& request) const override {
    const int rows = rows_per_tile(request.problem);
    return std::make_unique<TransposedPlan>(request, variant(request.problem.dtype, rows), rows);
  }
};

}  // namespace

const api::Kernel& kernel() {
  static const TransposedKernel kernel;
  return kernel;
}

}  // namespace mlawave::cuda::tile_reuse_sm90_t
