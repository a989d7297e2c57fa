#include "kernels/cuda/base/green_context.h"

#include <gtest/gtest.h>

#include "kernels/cuda/base/event.h"
#include "kernels/cuda/base/gpu_test.h"
#include "kernels/cuda/base/sm_ids.h"

namespace mlawave::cuda {
namespace {

#define MLAWAVE_SKIP_WITHOUT_PARTITIONS()                           \
  do {                                                              \
    MLAWAVE_SKIP_WITHOUT_GPU();                                     \
    if (const SmLimits limits = sm_limits(); !limits.can_partition) \
      GTEST_SKIP() << limits.why_not;                               \
  } while (false)

class ExactCount : public testing::TestWithParam<int> {};

TEST_P(ExactCount, KernelsRunOnThatManySms) {
  MLAWAVE_SKIP_WITHOUT_PARTITIONS();
  const int sms = GetParam();
  if (sms > sm_limits().sms) GTEST_SKIP() << "this GPU has " << sm_limits().sms << " SMs";
  const SmSlice slice(0, sms);
  EXPECT_EQ(slice.sms(), sms);
  EXPECT_EQ(slice.mode(), SliceMode::partition);
  EXPECT_EQ(static_cast<int>(sm_ids(slice.stream(), 4 * sm_limits().sms).size()), sms);
}

// RTX 4080, RTX 3090, RTX 4090, H100 SXM.
INSTANTIATE_TEST_SUITE_P(SmSlice, ExactCount, testing::Values(8, 76, 82, 108, 128, 132));

TEST(SmSlice, ZeroIsTheWholeDevice) {
  MLAWAVE_SKIP_WITHOUT_GPU();
  const SmSlice slice(0, 0);
  EXPECT_EQ(slice.sms(), sm_limits().sms);
  EXPECT_EQ(static_cast<int>(sm_ids(slice.stream(), 4 * slice.sms()).size()), slice.sms());
}

TEST(SmSlice, ImpossibleCountsNameWhatIsPossible) {
  MLAWAVE_SKIP_WITHOUT_PARTITIONS();
  const int all = sm_limits().sms;
  const auto message = [](int sms) -> std::string {
    try {
      SmSlice slice(0, sms);
      return "";
    } catch (const ImpossibleSmCount& e) {
      return e.what();
    }
  };
  EXPECT_NE(message(all + 1).find("this GPU has " + std::to_string(all)), std::string::npos);
  EXPECT_NE(message(-2).find("expected 1 to"), std::string::npos);
  if (granted_sms(0, 77) == 77) GTEST_SKIP() << "this GPU makes odd partitions";
  EXPECT_NE(message(77).find("77 SMs; the nearest counts are"), std::string::npos) << message(77);
}

TEST(SmSlice, EventsKeepTimeAndOrderAcrossSlices) {
  MLAWAVE_SKIP_WITHOUT_PARTITIONS();
  const SmSlice one(0, 8), other(0, 16);
  const OwnedEvent begin = make_event(), end = make_event();
  MLAWAVE_CUDA_CHECK(cudaEventRecord(begin.get(), one.stream()));
  EXPECT_EQ(sm_ids(one.stream(), 8).size(), 8u);  // stays at least 20 µs
  MLAWAVE_CUDA_CHECK(cudaEventRecord(end.get(), one.stream()));
  MLAWAVE_CUDA_CHECK(cudaStreamWaitEvent(other.stream(), end.get()));
  MLAWAVE_CUDA_CHECK(cudaStreamSynchronize(other.stream()));
  EXPECT_EQ(cudaEventQuery(end.get()), cudaSuccess);
  EXPECT_GE(elapsed_us(begin.get(), end.get()), 20);
}

}  // namespace
}  // namespace mlawave::cuda
