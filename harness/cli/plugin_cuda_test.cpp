// A CUDA plugin measured beside our kernels, and one that leaves the GPU unusable to its process.
#include <gtest/gtest.h>

#include "harness/cli/plugin_sweep.h"
#include "kernels/cuda/base/gpu_test.h"

namespace mlawave::cli {
namespace {

using record::Status;

class CudaPlugin : public PluginSweep {
  void SetUp() override { MLAWAVE_SKIP_WITHOUT_GPU(); }
};

TEST_F(CudaPlugin, ExampleIsRightBesideOurs) {
  const Finished done = sweep(lib("example_cuda"),
                              "--backend cuda --kernel example_cuda,tile_reuse --n-kv 0,1,33,300 "
                              "--heads 3,16 --s-q 1,4 --batch 2 --dtype f16,bf16 "
                              "--layout rope_nope,nope_rope");
  EXPECT_EQ(done.exit_code, 0) << done.text;
  EXPECT_EQ(statuses("example_cuda"), std::vector(32, Status::ok));
  EXPECT_EQ(statuses("tile_reuse"), std::vector(32, Status::ok));
}

TEST_F(CudaPlugin, LostDeviceIsOpenedAnewByAnotherProcess) {
  const Finished done =
      sweep(lib("faulty_cuda"), "--backend cuda --kernel writes_nowhere,tile_reuse --n-kv 64,128");
  EXPECT_EQ(done.exit_code, 1) << done.text;
  EXPECT_EQ(statuses("writes_nowhere"), std::vector(2, Status::failed));
  EXPECT_EQ(statuses("tile_reuse"), std::vector(2, Status::ok));
}

}  // namespace
}  // namespace mlawave::cli
