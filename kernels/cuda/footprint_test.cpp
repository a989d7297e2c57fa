// What a launch of every CUDA kernel of the build occupies, against what its plan says.
#include "kernels/cuda/base/footprint.h"

#include <algorithm>

#include "kernels/cuda/base/buffer.h"
#include "kernels/cuda/base/device.h"
#include "kernels/cuda/base/gpu_test.h"
#include "kernels/registry.h"

namespace mlawave::cuda {
namespace {

TEST(CudaFootprint, OccupiesWhatThePlanSaysAndNoLocalMemory) {
  MLAWAVE_SKIP_WITHOUT_GPU();
  const int sms = query_device().sms;
  for (const api::Kernel* kernel : all_kernels())
    for (const int heads : {16, 128}) {
      if (kernel->backend() != api::Backend::cuda) continue;
      const api::PlanRequest request{
          api::make_problem({4096}, heads, 1, api::Dtype::f16, api::Layout::rope_nope), {}, sms};
      if (!kernel->supports(request).ok) continue;
      SCOPED_TRACE(std::string(kernel->name()) + " heads " + std::to_string(heads));
      const auto plan = kernel->plan(request);
      const std::size_t rows = request.problem.rows(), kv_rows = request.problem.kv_rows();
      const Buffer<std::uint16_t> q(rows * api::kDQk), kv(kv_rows * api::kDQk),
          v(kv_rows * api::kDV), out(rows * api::kDV);
      const Buffer<float> lse(rows);
      const auto found = footprints_of([&](cudaStream_t stream) {
        plan->launch({q.data(), kv.data(), v.data(), out.data(), lse.data()}, api::Phase::whole,
                     stream);
      });
      for (const Footprint& f : found) {
        EXPECT_EQ(f.local_bytes, 0) << f.kernel;
        EXPECT_GE(f.ctas_per_sm, 1) << f.kernel;
      }
      const api::PlanInfo& info = plan->info();
      EXPECT_TRUE(std::any_of(found.begin(), found.end(), [&](const Footprint& f) {
        return f.registers == info.registers_per_thread && f.threads == info.threads_per_cta &&
               f.shared_bytes >= info.shared_bytes_per_cta && f.ctas_per_sm >= info.ctas_per_sm;
      }));
    }
}

}  // namespace
}  // namespace mlawave::cuda
