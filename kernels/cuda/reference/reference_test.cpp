#include "kernels/cuda/reference/reference.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "kernels/api/cache_rows.h"
#include "kernels/api/half.h"
#include "kernels/api/paged_test.h"
#include "kernels/cuda/base/gpu_test.h"
#include "kernels/cuda/base/stream.h"

namespace mlawave::cuda {
namespace {

struct Shape {
  const char* name;
  std::vector<std::int64_t> n_kv;
  int heads, s_q;
  api::Dtype dtype;
  api::Layout layout;
  int page_size = 0;
};

void PrintTo(const Shape& s, std::ostream* out) { *out << s.name; }

std::vector<std::uint16_t> random_bits(std::size_t count, api::Dtype dtype, unsigned seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal;
  std::vector<std::uint16_t> bits(count);
  for (auto& b : bits) b = api::from_float(normal(engine), dtype);
  return bits;
}

// Rows that no request owns are NaN: reading one shows.
std::vector<std::uint16_t> random_cache(const api::MlaProblem& p, const api::MlaTensors& tensors) {
  auto kv = random_bits(p.kv_rows() * api::kDQk, p.dtype, 2);
  std::vector<bool> owned(p.kv_rows());
  for (int r = 0; r < p.batch(); ++r)
    for (std::int64_t t = 0; t < p.n_kv[r]; ++t) owned[api::cache_rows(p, tensors, r)[t]] = true;
  for (std::int64_t row = 0; row < p.kv_rows(); ++row)
    if (!owned[row]) std::fill_n(kv.begin() + row * api::kDQk, api::kDQk, std::uint16_t{0x7fc0});
  return kv;
}

template <class T>
Buffer<T> upload(const std::vector<T>& host) {
  Buffer<T> device(host.size());
  MLAWAVE_CUDA_CHECK(
      cudaMemcpy(device.data(), host.data(), device.bytes(), cudaMemcpyHostToDevice));
  return device;
}

void expect_near(const std::vector<double>& gpu, const std::vector<double>& cpu) {
  ASSERT_EQ(gpu.size(), cpu.size());
  for (std::size_t i = 0; i < gpu.size(); ++i) {
    if (std::isinf(cpu[i]))
      ASSERT_EQ(gpu[i], cpu[i]) << i;
    else
      ASSERT_NEAR(gpu[i], cpu[i], 1e-11 * (1 + std::abs(cpu[i]))) << i;
  }
}

class GpuReference : public testing::TestWithParam<Shape> {};

TEST_P(GpuReference, AgreesWithTheCpu) {
  MLAWAVE_SKIP_WITHOUT_GPU();
  const Shape& s = GetParam();
  const api::MlaProblem p =
      api::make_problem(s.n_kv, s.heads, s.s_q, s.dtype, s.layout, 0.05f, s.page_size);
  const auto q = random_bits(std::size_t(p.batch()) * p.rows() * api::kDQk, p.dtype, 1);
  std::mt19937 random(3);
  const auto table = api::shuffled_pages(p, random);
  api::MlaTensors host;
  host.block_table = table.data();
  const auto kv = random_cache(p, host);
  host.q = q.data();
  host.kv = kv.data();
  const reference::Answer cpu = reference::attention(p, host);

  const auto device_q = upload(q);
  const auto device_kv = upload(kv);
  const auto device_table = upload(table);
  api::MlaTensors device;
  device.block_table = device_table.data();
  device.q = device_q.data();
  device.kv = device_kv.data();
  const OwnedStream stream = make_stream();
  Reference reference;
  const reference::Answer gpu = reference.compute(p, device, stream.get());
  expect_near(gpu.out, cpu.out);
  expect_near(gpu.lse, cpu.lse);
}

using api::Dtype;
using api::Layout;
INSTANTIATE_TEST_SUITE_P(
    Shapes, GpuReference,
    testing::Values(
        Shape{"one token", {1}, 16, 1, Dtype::f16, Layout::rope_nope},
        Shape{"not a multiple of a tile", {257}, 20, 1, Dtype::bf16, Layout::nope_rope},
        Shape{"causal, some rows see nothing", {3, 0, 130}, 3, 4, Dtype::f16, Layout::nope_rope},
        Shape{"pages of one token", {70, 0, 3}, 3, 2, Dtype::f16, Layout::nope_rope, 1},
        Shape{"pages of 64 tokens", {65, 640}, 20, 1, Dtype::bf16, Layout::rope_nope, 64},
        Shape{"many rows", {65, 640}, 126, 2, Dtype::bf16, Layout::rope_nope}),
    [](const auto& info) { return "shape" + std::to_string(info.index); });

}  // namespace
}  // namespace mlawave::cuda
