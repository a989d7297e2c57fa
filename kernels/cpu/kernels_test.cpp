// The CPU kernels against the fp64 reference, over the edge cases of the problem.
#include "kernels/cpu/kernels.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "kernels/api/cache_rows.h"
#include "kernels/api/half.h"
#include "kernels/api/paged_test.h"
#include "kernels/cpu/worker_pool.h"
#include "kernels/reference/reference.h"

namespace mlawave::cpu {
namespace {

using api::Dtype;
using api::Layout;
using schedule::Kind;

constexpr std::uint16_t kNan = 0x7fff;  // in f16 and bf16

struct Shape {
  std::vector<std::int64_t> n_kv;
  int heads = 16, s_q = 1;
  Dtype dtype = Dtype::f16;
  Layout layout = Layout::rope_nope;
  schedule::Policy policy;
  int page_size = 0;
};

class CpuKernels : public ::testing::Test {
 protected:
  int workers() const { return std::min<int>(2, static_cast<int>(available_cpus().size())); }

  void check(Shape shape) {
    if (!schedule::takes_chunk(shape.policy.kind)) shape.policy.chunk = schedule::kGranule;
    const api::MlaProblem p = api::make_problem(shape.n_kv, shape.heads, shape.s_q, shape.dtype,
                                                shape.layout, api::kDefaultScale, shape.page_size);
    std::normal_distribution<float> normal;
    const auto draw = [&] { return api::from_float(normal(random_), p.dtype); };
    const std::int64_t rows = static_cast<std::int64_t>(p.batch()) * p.rows();
    std::vector<std::uint16_t> q(rows * api::kDQk), kv(p.kv_rows() * api::kDQk, kNan);
    for (auto& x : q) x = draw();
    const auto table = api::shuffled_pages(p, random_);
    api::MlaTensors tensors{q.data(), kv.data()};
    tensors.block_table = table.data();
    for (int r = 0; r < p.batch(); ++r)
      for (std::int64_t t = 0; t < p.n_kv[r]; ++t)
        std::generate_n(&kv[api::cache_rows(p, tensors, r)[t] * api::kDQk], api::kDQk, draw);
    const reference::Answer answer = reference::attention(p, tensors);

    for (const api::Kernel* kernel : {&baseline(), &tile_reuse()}) {
      SCOPED_TRACE(fmt::format("{} n_kv {} heads {} s_q {} {} {} {} chunk {} page {}",
                               kernel->name(), fmt::join(shape.n_kv, ","), shape.heads, shape.s_q,
                               api::to_string(shape.dtype), api::to_string(shape.layout),
                               schedule::to_string(shape.policy.kind), shape.policy.chunk,
                               shape.page_size));
      std::vector<std::uint16_t> out(rows * api::kDV, kNan), again(out);
      std::vector<float> lse(rows, NAN);
      const auto plan = kernel->plan({p, shape.policy, workers()});
      tensors.out = out.data();
      tensors.lse = lse.data();
      plan->launch(tensors, api::Phase::whole, {});
      compare(answer, out, lse, shape.dtype);
      tensors.out = again.data();
      plan->launch(tensors, api::Phase::whole, {});
      EXPECT_EQ(out, again) << "a second launch gives other bits";
    }
  }

  static void compare(const reference::Answer& answer, const std::vector<std::uint16_t>& out,
                      const std::vector<float>& lse, Dtype dtype) {
    double difference = 0, size = 0, lse_error = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
      const double d = api::to_float(out[i], dtype) - answer.out[i];
      difference += d * d;
      size += answer.out[i] * answer.out[i];
    }
    for (std::size_t i = 0; i < lse.size(); ++i)
      if (lse[i] != answer.lse[i])  // equal infinities; written so that a NaN is the largest error
        lse_error =
            std::isnan(lse[i]) ? INFINITY : std::max(lse_error, std::abs(lse[i] - answer.lse[i]));
    const double error = std::sqrt(size > 0 ? difference / size : difference);
    EXPECT_TRUE(error <= (dtype == Dtype::f16 ? 1e-3 : 8e-3)) << "error " << error;
    EXPECT_TRUE(lse_error <= 1e-4) << "lse error " << lse_error;
  }

  std::mt19937 random_{408};
};

TEST_F(CpuKernels, LengthsOfEverySchedule) {
  for (Kind kind : schedule::kAllKinds)
    for (std::int64_t n : {0, 1, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257})
      check({{n}, 16, 1, n % 2 ? Dtype::bf16 : Dtype::f16, Layout::rope_nope, {kind, 64, 3}});
}

TEST_F(CpuKernels, HeadsAndNewTokens) {
  for (int heads : {1, 3, 16, 20, 63, 64, 126, 128})
    for (int s_q : {1, 2, 4})
      check({{40, 2}, heads, s_q, Dtype::f16, Layout::nope_rope, {Kind::stream_k, 32, 3}});
}

TEST_F(CpuKernels, RaggedBatchesInBothLayoutsAndTypes) {
  for (Layout layout : {Layout::rope_nope, Layout::nope_rope})
    for (Dtype dtype : {Dtype::f16, Dtype::bf16})
      for (Kind kind : schedule::kAllKinds)
        check({{100, 0, 333, 1, 64}, 10, 2, dtype, layout, {kind, 96, 2}});
}

TEST_F(CpuKernels, PagesOfEverySize) {
  for (int page = 1; page <= api::kMaxPageSize; page *= 2)
    for (Kind kind : {Kind::stream_k, Kind::wave, Kind::split_kv})
      check({{257, 0, 31, 64, 33}, 16, 2, Dtype::bf16, Layout::rope_nope, {kind, 96, 2}, page});
}

// Column 0 is rotary here: of the score, not of V. A kernel that dropped the token would look fine.
TEST_F(CpuKernels, NanInAKeyShows) {
  const api::MlaProblem p = api::make_problem({40}, 16, 1, Dtype::f16, Layout::rope_nope);
  std::vector<std::uint16_t> q(p.rows() * api::kDQk, api::from_float(1, p.dtype));
  std::vector<std::uint16_t> kv(p.kv_rows() * api::kDQk, 0), out(p.rows() * api::kDV);
  std::vector<float> lse(p.rows());
  kv[7 * api::kDQk] = kNan;
  for (const api::Kernel* kernel : {&baseline(), &tile_reuse()}) {
    kernel->plan({p, {Kind::stream_k, 32, 1}, workers()})
        ->launch({q.data(), kv.data(), nullptr, out.data(), lse.data()}, api::Phase::whole, {});
    EXPECT_TRUE(std::isnan(api::to_float(out[0], p.dtype))) << kernel->name();
    EXPECT_TRUE(std::isnan(lse[0])) << kernel->name();
  }
}

TEST_F(CpuKernels, RefuseWhatTheyCannotDo) {
  const api::MlaProblem p = api::make_problem({64}, 16, 1, Dtype::f16, Layout::rope_nope);
  const int cpus = static_cast<int>(available_cpus().size());
  EXPECT_TRUE(baseline().supports({p, {}, 1}).ok);
  EXPECT_FALSE(baseline().supports({p, {}, cpus + 1}).ok);
  EXPECT_NE(baseline().supports({p, {}, cpus + 1}).reason.find(std::to_string(cpus)),
            std::string::npos);
  EXPECT_FALSE(baseline().supports({p, {Kind::stream_k, 48, 1}, 1}).ok);
}

}  // namespace
}  // namespace mlawave::cpu
