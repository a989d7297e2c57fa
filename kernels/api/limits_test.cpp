#include <gtest/gtest.h>

#include "kernels/api/kernel.h"

namespace mlawave::api {
namespace {

Support of(std::vector<std::int64_t> n_kv, int page_size) {
  return check_limits({make_problem(std::move(n_kv), 16, 1, Dtype::f16, Layout::rope_nope,
                                    kDefaultScale, page_size),
                       {},
                       1});
}

TEST(CheckLimits, PagesArePowersOfTwo) {
  for (int page : {0, 1, 2, 64, 1024}) EXPECT_TRUE(of({100}, page).ok) << page;
  for (int page : {3, 48, 2048}) {
    const Support s = of({100}, page);
    EXPECT_FALSE(s.ok) << page;
    EXPECT_NE(s.reason.find("page_size " + std::to_string(page)), s.reason.npos) << s.reason;
  }
}

TEST(CheckLimits, CacheRowsFit32Bits) {
  const std::int64_t large = std::int64_t{1} << 30;
  for (int page : {0, 1, 64}) {
    EXPECT_TRUE(of({large}, page).ok) << page;
    EXPECT_FALSE(of({large, large}, page).ok) << page;
  }
}

}  // namespace
}  // namespace mlawave::api
