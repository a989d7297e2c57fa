#include "kernels/choose.h"

#include <gtest/gtest.h>

#include <vector>

namespace mlawave {
namespace {

class Named final : public api::Kernel {
 public:
  explicit Named(std::string name, api::Backend backend = api::Backend::cuda)
      : name_(std::move(name)), backend_(backend) {}
  std::string_view name() const override { return name_; }
  std::string_view description() const override { return ""; }
  api::Backend backend() const override { return backend_; }
  api::Support supports(const api::PlanRequest&) const override { return support; }
  std::unique_ptr<api::Plan> plan(const api::PlanRequest&) const override { return nullptr; }

  api::Support support;

 private:
  std::string name_;
  api::Backend backend_;
};

class Choose : public testing::Test {
 protected:
  Choice of(int heads, int s_q = 1, api::Backend backend = api::Backend::cuda) const {
    return choose(
        kernels,
        {api::make_problem({4096}, heads, s_q, api::Dtype::f16, api::Layout::rope_nope), {}, 132},
        backend);
  }
  std::string name_for(int heads, int s_q = 1) const {
    return std::string(of(heads, s_q).kernel->name());
  }

  Named cpu{"tile_reuse", api::Backend::cpu}, portable{"tile_reuse"}, baseline{"baseline"};
  Named t{"tile_reuse_sm90_t"}, wide{"tile_reuse_sm90"}, q{"tile_reuse_sm90_q"};
  std::vector<const api::Kernel*> kernels{&cpu, &baseline, &portable, &t, &wide, &q};
};

TEST_F(Choose, ByTheQueryRowsOnHopper) {
  EXPECT_EQ(name_for(1), "tile_reuse_sm90_t");
  EXPECT_EQ(name_for(16), "tile_reuse_sm90_t");
  EXPECT_EQ(name_for(16, 2), "tile_reuse_sm90_t");
  EXPECT_EQ(name_for(16, 4), "tile_reuse_sm90_q");
  EXPECT_EQ(name_for(33), "tile_reuse_sm90_q");
  EXPECT_EQ(name_for(128, 2), "tile_reuse_sm90_q");
  EXPECT_EQ(of(16).reason, "16 query rows, at most 32");
}

TEST_F(Choose, TheNextOneThatSupportsTheCaseAndWhy) {
  t.support = {false, "page_size 16: expected 0, or 32 and more"};
  EXPECT_EQ(name_for(16), "tile_reuse_sm90");
  EXPECT_EQ(of(16).reason,
            "16 query rows, at most 32; not tile_reuse_sm90_t: page_size 16: expected 0, or 32 and "
            "more");
  q.support = {false, "page_size 16: expected 0 or at least 64"};
  EXPECT_EQ(name_for(64), "tile_reuse_sm90");
  EXPECT_EQ(of(64).reason,
            "64 query rows, more than 32; not tile_reuse_sm90_q: page_size 16: expected 0 or at "
            "least 64");
  wide.support = {false, "no"};
  EXPECT_EQ(of(16).kernel, &portable);
  portable.support = {false, "no"};
  EXPECT_EQ(of(16).kernel, nullptr);
  EXPECT_NE(of(16).reason.find("not tile_reuse: no"), std::string::npos);
}

TEST_F(Choose, PortableWhereABuildHasNoHopperKernels) {
  kernels = {&cpu, &portable};
  EXPECT_EQ(of(128).kernel, &portable);
  EXPECT_NE(of(128).reason.find("not tile_reuse_sm90: not in this build"), std::string::npos);
}

TEST_F(Choose, OnTheCpu) {
  EXPECT_EQ(of(128, 1, api::Backend::cpu).kernel, &cpu);
  EXPECT_EQ(of(128, 1, api::Backend::cpu).reason, "128 query rows");
  EXPECT_EQ(of(128, 1, api::Backend::model).kernel, nullptr);
}

}  // namespace
}  // namespace mlawave
