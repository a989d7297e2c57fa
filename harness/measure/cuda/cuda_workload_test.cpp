#include "harness/measure/cuda/cuda_workload.h"

#include <gtest/gtest.h>

#include "harness/measure/cuda/cuda_device.h"
#include "harness/workload/block_table.h"
#include "kernels/api/cache_rows.h"
#include "kernels/api/half.h"
#include "kernels/cuda/base/gpu_test.h"
#include "kernels/reference/reference.h"

namespace mlawave::measure {
namespace {

using api::Dtype;
using api::Layout;

std::vector<std::uint16_t> download(const void* device, std::int64_t count) {
  std::vector<std::uint16_t> host(static_cast<std::size_t>(count));
  MLAWAVE_CUDA_CHECK(cudaMemcpy(host.data(), device, 2 * host.size(), cudaMemcpyDeviceToHost));
  return host;
}

// By the table that the host makes.
std::vector<std::uint16_t> expected_kv(const api::MlaProblem& p, std::uint64_t seed) {
  const auto table = workload::block_table(p, seed);
  api::MlaTensors host;
  host.block_table = table.data();
  std::vector<std::uint16_t> kv(p.kv_rows() * api::kDQk, workload::kNan16);
  for (int r = 0; r < p.batch(); ++r)
    for (std::int64_t token = 0; token < p.n_kv[r]; ++token)
      for (std::int64_t first = api::cache_rows(p, host, r)[token] * api::kDQk, i = first;
           i < first + api::kDQk; ++i)
        kv[i] = api::from_float(workload::value(seed, workload::Tensor::kv, i), p.dtype);
  return kv;
}

TEST(ColdCopies, ComeToFourTimesTheCache) {
  constexpr std::int64_t kL2 = 50 << 20;
  const auto problem = [](std::int64_t n) {
    return api::make_problem({n}, 16, 1, Dtype::f16, Layout::rope_nope);
  };
  // 4096 tokens · 1152 B = 4.5 MiB: 200 / 4.5 = 44.4
  EXPECT_EQ(cold_copies(problem(4096), false, kL2), 45);
  // With a V of its own 2176 B a token, 8.5 MiB: 23.5
  EXPECT_EQ(cold_copies(problem(4096), true, kL2), 24);
  EXPECT_EQ(cold_copies(problem(1 << 20), false, kL2), 1);
  EXPECT_EQ(cold_copies(problem(1), false, kL2), kMaxCopies);
  EXPECT_EQ(cold_copies(problem(0), false, kL2), 1);
}

class CudaWorkloads : public testing::Test {
 protected:
  void SetUp() override {
    MLAWAVE_SKIP_WITHOUT_GPU();
    device_ = make_cuda_device();
  }
  std::unique_ptr<Device> device_;
};

TEST_F(CudaWorkloads, EveryCopyHoldsTheNumbersOfTheHost) {
  for (const Dtype dtype : {Dtype::f16, Dtype::bf16})
    for (const int page_size : {0, 1, 64}) {
      const Layout layout =
          (page_size == 1) == (dtype == Dtype::f16) ? Layout::nope_rope : Layout::rope_nope;
      const api::MlaProblem p =
          api::make_problem({1, 700, 0, 64}, 5, 2, dtype, layout, api::kDefaultScale, page_size);
      workload::FillSpec spec;
      spec.seed = 7;
      spec.separate_v = true;
      const auto load = device_->load(p, spec);
      const auto kv = expected_kv(p, spec.seed);
      for (const int copy : {0, 1, load->copies() - 1}) {
        ASSERT_EQ(download(load->tensors(copy).kv, p.kv_rows() * api::kDQk), kv) << copy;
        const auto v = download(load->tensors(copy).v, p.kv_rows() * api::kDV);
        for (std::int64_t row = 0; row < p.kv_rows(); ++row)
          for (int c = 0; c < api::kDV; ++c)
            ASSERT_EQ(v[row * api::kDV + c], kv[row * api::kDQk + api::v_column(layout) + c]);
      }
      if (page_size > 0) {
        const auto table = workload::block_table(p, spec.seed);
        std::vector<std::int32_t> there(table.size());
        MLAWAVE_CUDA_CHECK(cudaMemcpy(there.data(), load->tensors(0).block_table, 4 * there.size(),
                                      cudaMemcpyDeviceToHost));
        EXPECT_EQ(there, table);
      }
      const auto q = download(load->tensors(0).q, p.batch() * p.rows() * api::kDQk);
      for (std::size_t i = 0; i < q.size(); ++i)
        ASSERT_EQ(q[i], api::from_float(workload::value(spec.seed, workload::Tensor::q, i), dtype));
    }
}

TEST_F(CudaWorkloads, PoisonedOutputCountsAsUnwritten) {
  const api::MlaProblem p = api::make_problem({33}, 3, 2, Dtype::bf16, Layout::rope_nope);
  const auto load = device_->load(p, {});
  load->poison_output();
  const workload::Output output = load->read_output();
  EXPECT_EQ(output.unwritten, 3 * 2 * (api::kDV + 1));
}

TEST_F(CudaWorkloads, ReferenceIsThatOfTheCpu) {
  const api::MlaProblem p = api::make_problem({40, 3}, 2, 4, Dtype::f16, Layout::nope_rope);
  const auto load = device_->load(p, {});
  const workload::Output gpu = load->reference();
  const auto kv = download(load->tensors(0).kv, p.kv_rows() * api::kDQk);
  const auto q = download(load->tensors(0).q, p.batch() * p.rows() * api::kDQk);
  api::MlaTensors host;
  host.q = q.data();
  host.kv = kv.data();
  const mlawave::reference::Answer cpu = mlawave::reference::attention(p, host);
  ASSERT_EQ(gpu.out.size(), cpu.out.size());
  for (std::size_t i = 0; i < cpu.out.size(); ++i) ASSERT_NEAR(gpu.out[i], cpu.out[i], 1e-11);
  EXPECT_EQ(gpu.unwritten, 0);
}

TEST_F(CudaWorkloads, TooLargeIsToldWithBytesAndLeavesTheDeviceUsable) {
  const api::MlaProblem huge =
      api::make_problem({std::int64_t{1} << 34}, 16, 1, Dtype::f16, Layout::rope_nope);
  try {
    device_->load(huge, {});
    FAIL() << "18 TiB were found";
  } catch (const NotEnoughMemory& e) {
    EXPECT_GT(e.bytes_needed, (std::int64_t{1} << 34) * 1152);
    EXPECT_LT(e.bytes_available, e.bytes_needed);
  }
  EXPECT_TRUE(device_->healthy());
  EXPECT_GT(
      device_->load(api::make_problem({64}, 1, 1, Dtype::f16, Layout::rope_nope), {})->copies(), 0);
}

}  // namespace
}  // namespace mlawave::measure
