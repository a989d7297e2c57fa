#include "kernels/cuda/base/device.h"

#include <gtest/gtest.h>

#include "kernels/cuda/base/buffer.h"
#include "kernels/cuda/base/gpu_test.h"

namespace mlawave::cuda {
namespace {

TEST(Device, OldDriverIsNamed) {
  EXPECT_EQ(driver_problem(13000, 13000), "");
  EXPECT_EQ(driver_problem(13010, 13000), "");
  EXPECT_EQ(driver_problem(13000, 13010), "");  // minor versions of one major are compatible
  EXPECT_NE(driver_problem(12080, 13000)
                .find("supports CUDA up to 12.8, this program was built with CUDA 13.0"),
            std::string::npos);
  EXPECT_NE(driver_problem(0, 13000).find("no NVIDIA driver"), std::string::npos);
}

TEST(Device, QueryThrowsExactlyWhereThereIsNone) {
  if (why_no_device().empty())
    EXPECT_GT(query_device().sms, 0);
  else
    EXPECT_THROW(query_device(), NoDevice);
}

TEST(Device, SharedMemoryAndCacheAreThoseOfTheGpu) {
  MLAWAVE_SKIP_WITHOUT_GPU();
  const DeviceProperties d = query_device();
  EXPECT_EQ(d.uuid.size(), std::string("GPU-01234567-89ab-cdef-0123-456789abcdef").size());
  EXPECT_GE(d.shared_bytes_per_sm, d.shared_bytes_per_block);
  EXPECT_GT(d.l2_bytes, 0);
  EXPECT_GE(d.memory_bytes, free_memory());
}

TEST(Error, SaysCallNameAndPlace) {
  MLAWAVE_SKIP_WITHOUT_GPU();
  try {
    Buffer<char> too_much(std::size_t{1} << 50);
    FAIL() << "a petabyte was allocated";
  } catch (const CudaError& e) {
    EXPECT_TRUE(e.is_out_of_memory());
    EXPECT_NE(std::string(e.what()).find("cudaMalloc"), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find("cudaErrorMemoryAllocation"), std::string::npos)
        << e.what();
    EXPECT_NE(std::string(e.what()).find("buffer.h:"), std::string::npos) << e.what();
  }
  EXPECT_TRUE(device_usable());
}

}  // namespace
}  // namespace mlawave::cuda
