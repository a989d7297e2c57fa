#include "harness/cli/setup.h"

#include <gtest/gtest.h>

namespace mlawave::cli {
namespace {

std::string no_gpu(api::Backend b) {
  return b == api::Backend::cuda ? "no CUDA GPU was found" : "";
}
std::string everything(api::Backend) { return ""; }

TEST(ChooseBackends, CudaWhereThereIsAGpu) {
  config::SweepConfig c;
  c.backends.clear();
  EXPECT_EQ(choose_backends(c, everything), "backend: cuda");
  EXPECT_EQ(c.backends, std::vector{api::Backend::cuda});
}

TEST(ChooseBackends, CpuElsewhereWithTheReason) {
  config::SweepConfig c;
  c.backends.clear();
  EXPECT_EQ(choose_backends(c, no_gpu), "backend: cpu (no CUDA GPU was found)");
  EXPECT_EQ(c.backends, std::vector{api::Backend::cpu});
}

TEST(ChooseBackends, NamedOnesStayAndAreRequired) {
  config::SweepConfig c;
  c.backends = {api::Backend::cuda, api::Backend::cpu};
  EXPECT_EQ(choose_backends(c, no_gpu), "");
  EXPECT_EQ(c.backends.size(), 2u);
  EXPECT_NO_THROW(require_backends(c, everything));
  try {
    require_backends(c, no_gpu);
    FAIL() << "no error";
  } catch (const config::BadInput& e) {
    EXPECT_STREQ(e.what(),
                 "backend: got \"cuda\", but no CUDA GPU was found; expected a backend of this "
                 "machine, e.g. --backend cpu");
  }
}

}  // namespace
}  // namespace mlawave::cli
