#include "kernels/cuda/base/footprint.h"

#include "kernels/cuda/base/gpu_test.h"
#include "kernels/cuda/base/sm_ids.h"

namespace mlawave::cuda {
namespace {

TEST(ShortKernelName, IsWithoutNamespacesAndParameters) {
  EXPECT_EQ(
      short_kernel_name("void mlawave::cuda::portable::decode<(mlawave::api::Dtype)0, "
                        "(mlawave::cuda::portable::VSource)2, true>(mlawave::cuda::DecodeArgs)"),
      "decode<(Dtype)0, (VSource)2, true>");
  EXPECT_EQ(short_kernel_name("void a::(anonymous namespace)::combine<4>(a::Args, int)"),
            "combine<4>");
  EXPECT_EQ(short_kernel_name("plain_c_kernel"), "plain_c_kernel");
}

TEST(Footprint, OfNothingIsEmpty) {
  MLAWAVE_SKIP_WITHOUT_GPU();
  EXPECT_TRUE(footprints_of([](cudaStream_t) {}).empty());
}

}  // namespace
}  // namespace mlawave::cuda
