#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "kernels/registry.h"

namespace mlawave::cuda {
namespace {

// 1376 requests of one page behind one of 1,562,500: the table has 1377 × 1,562,501 entries.
TEST(TileReuseSm90Q, RefusesABlockTableThatItCannotCount) {
  const auto kernels = all_kernels();
  const auto at = std::find_if(kernels.begin(), kernels.end(), [](const api::Kernel* k) {
    return k->name() == "tile_reuse_sm90_q";
  });
  if (at == kernels.end()) GTEST_SKIP() << "not in this build";
  std::vector<std::int64_t> n_kv(1377, 64);
  n_kv[0] = 100'000'000;
  api::MlaProblem problem =
      api::make_problem(n_kv, 128, 1, api::Dtype::f16, api::Layout::rope_nope);
  problem.page_size = 64;
  const api::Support support = (*at)->supports({problem, {}, 132});
  EXPECT_FALSE(support.ok);
  EXPECT_EQ(support.reason, "block table of 2151563877 entries: expected at most 2147483647");
}

}  // namespace
}  // namespace mlawave::cuda
