// Every CUDA kernel of the build against the fp64 reference: named edge cases and random shapes.
#include <cuda_runtime_api.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "kernels/api/cache_rows.h"
#include "kernels/api/half.h"
#include "kernels/api/paged_test.h"
#include "kernels/cuda/base/buffer.h"
#include "kernels/cuda/base/device.h"
#include "kernels/cuda/base/error.h"
#include "kernels/cuda/base/gpu_test.h"
#include "kernels/cuda/reference/reference.h"
#include "kernels/registry.h"

namespace mlawave::cuda {
namespace {

using api::Dtype;
using api::Layout;
using schedule::Kind;

constexpr std::uint16_t kNan = 0x7fff;  // in f16 and bf16
// The tensor core drops bits below its largest summand's last ones, so scores are off by a part of
// their size: from here on the tolerance of a log-sum-exp grows with it.
constexpr double kLargeLse = 20;

struct Shape {
  std::vector<std::int64_t> n_kv;
  int heads = 16, s_q = 1;
  Dtype dtype = Dtype::f16;
  Layout layout = Layout::rope_nope;
  schedule::Policy policy;
  int sms = 13;
  int page_size = 0;
  float scale = api::kDefaultScale;
  bool matches = false;  // every query row is a cache row of its request: scores of about 42
  float growth = 0.f;    // the last cache row of a request is 1 + growth times as large as drawn

  std::string text() const {
    return fmt::format(
        "n_kv [{}] heads {} s_q {} {} {} {} chunk {} splits {} sms {} page {} scale {} growth {}{}",
        fmt::join(n_kv, ","), heads, s_q, api::to_string(dtype), api::to_string(layout),
        schedule::to_string(policy.kind), policy.chunk, policy.splits, sms, page_size, scale,
        growth, matches ? " matches" : "");
  }
};

template <class T>
Buffer<T> upload(const std::vector<T>& host) {
  Buffer<T> device(host.size());
  MLAWAVE_CUDA_CHECK(
      cudaMemcpy(device.data(), host.data(), device.bytes(), cudaMemcpyHostToDevice));
  return device;
}

template <class T>
std::vector<T> download(const Buffer<T>& device) {
  std::vector<T> host(device.size());
  MLAWAVE_CUDA_CHECK(
      cudaMemcpy(host.data(), device.data(), device.bytes(), cudaMemcpyDeviceToHost));
  return host;
}

// Normal numbers, drawn once: a shape reads them from a random place on, which is much faster than
// drawing its own and repeats no cache row within 16,384. Queries and caches read from a pool each,
// so that no query is a cache row by chance.
class Numbers {
 public:
  Numbers(Dtype dtype, std::uint32_t seed) : pool_(kSize) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    for (auto& x : pool_) x = api::from_float(normal(random), dtype);
  }
  void fill(std::uint16_t* to, std::int64_t count, std::mt19937& random) const {
    std::size_t at = random();
    for (std::int64_t i = 0; i < count; ++i) to[i] = pool_[at++ % kSize];
  }

 private:
  static constexpr std::size_t kSize = 1 << 20;
  std::vector<std::uint16_t> pool_;
};

const Numbers& cache_numbers(Dtype dtype) {
  static const Numbers f16(Dtype::f16, 1), bf16(Dtype::bf16, 2);
  return dtype == Dtype::f16 ? f16 : bf16;
}

const Numbers& query_numbers(Dtype dtype) {
  static const Numbers f16(Dtype::f16, 3), bf16(Dtype::bf16, 4);
  return dtype == Dtype::f16 ? f16 : bf16;
}

// A shape's tensors on the device; every cache row that no request owns is NaN.
struct Tensors {
  Buffer<std::uint16_t> q, kv, v, out;
  Buffer<float> lse;
  Buffer<std::int32_t> block_table;

  Tensors(const api::MlaProblem& p, std::mt19937& random, float growth = 0.f,
          bool matches = false) {
    const std::int64_t rows = static_cast<std::int64_t>(p.batch()) * p.rows();
    std::vector<std::uint16_t> host_q(rows * api::kDQk), host_kv(p.kv_rows() * api::kDQk, kNan),
        host_v(p.kv_rows() * api::kDV, kNan);
    query_numbers(p.dtype).fill(host_q.data(), rows * api::kDQk, random);
    const auto table = api::shuffled_pages(p, random);
    api::MlaTensors host;
    host.block_table = table.data();
    for (int r = 0; r < p.batch(); ++r) {
      const api::CacheRows cache = api::cache_rows(p, host, r);
      for (std::int64_t t = 0, n; t < p.n_kv[r]; t += n) {
        n = cache.neighbours(t, static_cast<int>(p.n_kv[r] - t));
        cache_numbers(p.dtype).fill(&host_kv[cache[t] * api::kDQk], n * api::kDQk, random);
        if (growth != 0.f) grow(&host_kv[cache[t] * api::kDQk], n, t, p.n_kv[r], growth, p.dtype);
        for (std::int64_t row = cache[t]; row < cache[t] + n; ++row)
          std::memcpy(&host_v[row * api::kDV], &host_kv[row * api::kDQk + api::v_column(p.layout)],
                      api::kDV * sizeof(std::uint16_t));
      }
    }
    if (matches) match(p, host_q, host_kv);
    q = upload(host_q), kv = upload(host_kv), v = upload(host_v), block_table = upload(table);
    out = Buffer<std::uint16_t>(rows * api::kDV);
    lse = Buffer<float>(rows);
    poison();
  }
  // Rows of tokens first … first + count - 1, of n_kv.
  static void grow(std::uint16_t* rows, std::int64_t count, std::int64_t first, std::int64_t n_kv,
                   float growth, Dtype dtype) {
    for (std::int64_t i = 0; i < count * api::kDQk; ++i)
      rows[i] = api::from_float(
          api::to_float(rows[i], dtype) *
              (1.f + growth * static_cast<float>(first + i / api::kDQk) / static_cast<float>(n_kv)),
          dtype);
  }
  // Of a contiguous cache.
  static void match(const api::MlaProblem& p, std::vector<std::uint16_t>& q,
                    const std::vector<std::uint16_t>& kv) {
    for (int r = 0; r < p.batch(); ++r)
      for (int i = 0; i < p.rows(); ++i)
        std::memcpy(&q[(std::int64_t{r} * p.rows() + i) * api::kDQk],
                    &kv[(p.kv_begin[r] + i % p.n_kv[r]) * api::kDQk],
                    api::kDQk * sizeof(std::uint16_t));
  }
  void poison() {
    MLAWAVE_CUDA_CHECK(cudaMemset(out.data(), 0xff, out.bytes()));
    MLAWAVE_CUDA_CHECK(cudaMemset(lse.data(), 0xff, lse.bytes()));
  }
  api::MlaTensors view() const {
    return {q.data(), kv.data(), v.data(), out.data(), lse.data(), block_table.data()};
  }
};

class CudaKernels : public ::testing::Test {
 protected:
  static std::vector<const api::Kernel*> kernels() {
    std::vector<const api::Kernel*> found;
    for (const api::Kernel* k : all_kernels())
      if (k->backend() == api::Backend::cuda) found.push_back(k);
    return found;
  }

  // Runs every kernel that supports the shape and compares; counts into `compared`.
  void check(Shape shape) {
    if (!schedule::takes_chunk(shape.policy.kind)) shape.policy.chunk = schedule::kGranule;
    const api::MlaProblem p = api::make_problem(shape.n_kv, shape.heads, shape.s_q, shape.dtype,
                                                shape.layout, shape.scale, shape.page_size);
    Tensors tensors(p, random_, shape.growth, shape.matches);
    const reference::Answer answer = reference_.compute(p, tensors.view(), nullptr);
    for (const api::Kernel* kernel : kernels()) {
      const api::PlanRequest request{p, shape.policy, shape.sms};
      if (!kernel->supports(request).ok) continue;
      tensors.poison();
      const auto plan = kernel->plan(request);
      plan->launch(tensors.view(), api::Phase::whole, nullptr);
      MLAWAVE_CUDA_CHECK(cudaDeviceSynchronize());
      compare(*kernel, shape, answer, tensors);
      ++compared_;
      if (plan->info().evict_first) ++evicting_first_;
    }
  }

  void check_few_tiles(int heads, int s_q) {
    for (Kind kind : {Kind::stream_k, Kind::balanced})
      for (int page : {0, 64})
        check({{300, 65, 0}, heads, s_q, Dtype::f16, Layout::rope_nope, {kind, 64, 1}, 4, page});
    EXPECT_GT(compared_, 0);
  }

  void compare(const api::Kernel& kernel, const Shape& shape, const reference::Answer& answer,
               const Tensors& tensors) {
    const std::vector<std::uint16_t> out = download(tensors.out);
    const std::vector<float> lse = download(tensors.lse);
    double difference = 0, size = 0, lse_error = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
      const double d = api::to_float(out[i], shape.dtype) - answer.out[i];
      difference += d * d;
      size += answer.out[i] * answer.out[i];
    }
    for (std::size_t i = 0; i < lse.size(); ++i)
      if (lse[i] != answer.lse[i])  // equal infinities; written so that a NaN is the largest error
        lse_error =
            std::isnan(lse[i])
                ? INFINITY
                : std::max(lse_error, std::abs(lse[i] - answer.lse[i]) /
                                          std::max(1., std::abs(answer.lse[i]) / kLargeLse));
    const double error = size > 0 ? std::sqrt(difference / size) : std::sqrt(difference);
    const double tolerance = shape.dtype == Dtype::f16 ? 1e-3 : 8e-3;
    // Written so that a NaN fails.
    EXPECT_TRUE(error <= tolerance) << kernel.name() << ": " << shape.text() << ": error " << error;
    EXPECT_TRUE(lse_error <= 1e-4 && !std::isnan(lse_error))
        << kernel.name() << ": " << shape.text() << ": lse error " << lse_error;
  }

  std::mt19937 random_{408};
  Reference reference_;
  int compared_ = 0, evicting_first_ = 0;
};

TEST_F(CudaKernels, LengthsOfEverySchedule) {
  MLAWAVE_SKIP_WITHOUT_GPU();
  for (Dtype dtype : {Dtype::f16, Dtype::bf16})
    for (Layout layout : {Layout::rope_nope, Layout::nope_rope})
      for (Kind kind : schedule::kAllKinds)
        for (std::int64_t n : {0, 1, 31, 32, 33, 63, 64, 65, 255, 256, 257, 831, 832, 833})
          check({{n}, 16, 1, dtype, layout, {kind, 64, 3}, 13});  // 832 = 13 · 64: a boundary
  EXPECT_GT(compared_, 0);
}

TEST_F(CudaKernels, HeadsAndNewTokens) {
  MLAWAVE_SKIP_WITHOUT_GPU();
  for (Dtype dtype : {Dtype::f16, Dtype::bf16})
    for (int heads : {1, 3, 16, 20, 63, 64, 126, 128})
      for (int s_q : {1, 2, 4, 8})
        check({{300, 2}, heads, s_q, dtype, Layout::rope_nope, {Kind::stream_k, 128, 3}, 13});
  EXPECT_GT(compared_, 0);
}

// Head tiles of 64, 128 and 256 rows, and of several of these, around the border of a KV tile.
TEST_F(CudaKernels, WideHeadTiles) {
  MLAWAVE_SKIP_WITHOUT_GPU();
  for (Layout layout : {Layout::rope_nope, Layout::nope_rope})
    for (Kind kind : schedule::kAllKinds)
      for (std::int64_t n : {1, 63, 64, 65, 128, 129, 1000})
        for (int heads : {64, 128})
          for (int s_q : {1, 2})
            check({{n, 2 * n + 1}, heads, s_q, Dtype::f16, layout, {kind, 64, 3}, 12});
  EXPECT_GT(compared_, 0);
}

// One slot has a whole long request: what each tile does to a row's sum must not add up. 32,768
// tokens were off by 2e-4 in kernels that multiplied the sum by almost 1 where the maximum stayed.
TEST_F(CudaKernels, LongSegments) {
  MLAWAVE_SKIP_WITHOUT_GPU();
  for (Dtype dtype : {Dtype::f16, Dtype::bf16})
    for (int heads : {16, 32, 64, 128})
      check({{32768, 32768}, heads, 1, dtype, Layout::rope_nope, {Kind::split_kv, 64, 1}, 4});
  EXPECT_GT(compared_, 0);
}

// Maxima that rise all along the cache: the reference of the exponentials moves many times.
TEST_F(CudaKernels, ScoresThatGrow) {
  MLAWAVE_SKIP_WITHOUT_GPU();
  for (Dtype dtype : {Dtype::f16, Dtype::bf16})
    for (Kind kind : {Kind::stream_k, Kind::split_kv})
      for (int heads : {16, 64, 128})
        for (int s_q : {1, 2}) {
          Shape shape{{1500, 65, 130}, heads, s_q, dtype, Layout::rope_nope, {kind, 64, 2}, 12};
          shape.growth = 4.f;
          check(shape);
        }
  EXPECT_GT(compared_, 0);
}

// Scores far below those of the segment before, also in segments of one tile: what is known of the
// one must not come into the other, where a power of their difference is infinite.
TEST_F(CudaKernels, ScoresFarFromZero) {
  MLAWAVE_SKIP_WITHOUT_GPU();
  for (Kind kind : {Kind::stream_k, Kind::split_kv, Kind::balanced})
    for (int heads : {16, 64, 128}) {
      Shape shape{{1, 65, 130, 1}, heads, 1, Dtype::f16, Layout::rope_nope, {kind, 64, 2}, 3};
      shape.scale = 2.f;
      check(shape);
    }
  EXPECT_GT(compared_, 0);
}

// The largest scores that normal numbers give: what a tensor core loses in a sum shows most.
TEST_F(CudaKernels, QueriesThatMatchACacheRow) {
  MLAWAVE_SKIP_WITHOUT_GPU();
  for (Dtype dtype : {Dtype::f16, Dtype::bf16})
    for (Layout layout : {Layout::rope_nope, Layout::nope_rope})
      for (int heads : {16, 64, 128}) {
        Shape shape{{2000, 999}, heads, 8, dtype, layout, {Kind::stream_k, 64, 1}, 33};
        shape.matches = true;
        check(shape);
      }
  EXPECT_GT(compared_, 0);
}

TEST_F(CudaKernels, RaggedBatches) {
  MLAWAVE_SKIP_WITHOUT_GPU();
  for (Layout layout : {Layout::rope_nope, Layout::nope_rope})
    for (Kind kind : schedule::kAllKinds)
      for (int chunk : {32, 96, 256, 4096}) {
        check({{100, 0, 333, 1, 64}, 16, 2, Dtype::f16, layout, {kind, chunk, 3}, 7});
        check({{5000, 3, 777}, 20, 4, Dtype::bf16, layout, {kind, chunk, 5}, 11});
        check({std::vector<std::int64_t>(40, 200), 16, 1, Dtype::f16, layout, {kind, chunk, 2}, 9});
      }
  EXPECT_GT(compared_, 0);
}

// The table's unused entries are no pages: a kernel that reads one as a page faults or meets NaN.
TEST_F(CudaKernels, PagesOfEverySize) {
  MLAWAVE_SKIP_WITHOUT_GPU();
  for (int page = 1; page <= api::kMaxPageSize; page *= 2)
    for (Kind kind : schedule::kAllKinds)
      for (int chunk : {32, 96, 256})
        for (int heads : {16, 64, 128}) {
          const auto layout = heads == 64 ? Layout::nope_rope : Layout::rope_nope;
          const Dtype dtype = chunk == 96 ? Dtype::bf16 : Dtype::f16;
          check({{257, 0, 31, 64, 1033}, heads, 2, dtype, layout, {kind, chunk, 3}, 12, page});
          check({{2049}, heads, 1, dtype, layout, {kind, chunk, 3}, 76, page});
        }
  EXPECT_GT(compared_, 0);
}

// Copied with evict_first (DecodeArgs::evict_first).
TEST_F(CudaKernels, CachesLargerThanTheL2) {
  MLAWAVE_SKIP_WITHOUT_GPU();
  const std::int64_t tokens = query_device().l2_bytes / (api::kDQk * 2) + 100;
  for (int page : {0, 64})
    for (Kind kind : {Kind::stream_k, Kind::balanced})
      for (const auto& [heads, s_q] : {std::pair{16, 1}, {16, 2}, {64, 1}, {128, 1}})
        check({{tokens, 700}, heads, s_q, Dtype::f16, Layout::rope_nope, {kind, 96, 1}, 132, page});
  EXPECT_GT(compared_, 0);
  const auto all = kernels();
  const bool has_hopper = std::any_of(all.begin(), all.end(), [](const api::Kernel* k) {
    return k->name() == "tile_reuse_sm90_t";
  });
  if (has_hopper && query_device().major == 9) {
    EXPECT_GT(evicting_first_, 0);
  }
}

TEST_F(CudaKernels, LongCacheOnManySms) {
  MLAWAVE_SKIP_WITHOUT_GPU();
  for (int chunk : {32, 256})
    for (int heads : {16, 64, 128})
      for (int sms : {76, 132})  // a combine of its own for each number of parts and rows
        check({{20000}, heads, 1, Dtype::f16, Layout::rope_nope, {Kind::stream_k, chunk, 1}, sms});
  EXPECT_GT(compared_, 0);
}

// For tools that slow a kernel down a thousandfold: a few tiles, each kind of handing over once. Of
// each height of a head tile alone, as racecheck ends at a kernel whose CTAs form a cluster.
TEST_F(CudaKernels, FewTilesOf16Rows) {
  MLAWAVE_SKIP_WITHOUT_GPU();
  check_few_tiles(16, 1);
}
TEST_F(CudaKernels, FewTilesOf32Rows) {
  MLAWAVE_SKIP_WITHOUT_GPU();
  check_few_tiles(16, 2);
}
TEST_F(CudaKernels, FewTilesOf64Rows) {
  MLAWAVE_SKIP_WITHOUT_GPU();
  check_few_tiles(64, 1);
}
TEST_F(CudaKernels, FewTilesOf128Rows) {
  MLAWAVE_SKIP_WITHOUT_GPU();
  check_few_tiles(128, 1);
}

// MLAWAVE_RANDOM_SHAPES=10000 for the long run whose result is under results/; several processes
// with a MLAWAVE_RANDOM_SEED each share it.
TEST_F(CudaKernels, RandomShapes) {
  MLAWAVE_SKIP_WITHOUT_GPU();
  const char* wanted = std::getenv("MLAWAVE_RANDOM_SHAPES");
  const int count = wanted ? std::atoi(wanted) : 100;
  if (const char* seed = std::getenv("MLAWAVE_RANDOM_SEED")) random_.seed(std::atoi(seed));
  const auto draw = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random_);
  };
  for (int i = 0; i < count; ++i) {
    Shape s;
    const int longest = 1 << draw(0, 11);
    for (int r = draw(1, 6); r > 0; --r) s.n_kv.push_back(draw(0, longest));
    s.heads = draw(1, 128);
    s.s_q = draw(1, 8);
    s.dtype = draw(0, 1) ? Dtype::f16 : Dtype::bf16;
    s.layout = draw(0, 1) ? Layout::rope_nope : Layout::nope_rope;
    s.policy = {static_cast<Kind>(draw(0, 3)), 32 * draw(1, 16), draw(1, 20)};
    s.sms = draw(1, 132);
    if (draw(0, 2) == 0) s.page_size = 1 << draw(0, 10);
    check(s);
  }
  EXPECT_GT(compared_, 0);
  RecordProperty("compared", compared_);
}

// A slot's tiles share their place in shared memory: what is left there of a request whose cache is
// all NaN must not come into the tiles of the next one, which are shorter.
TEST_F(CudaKernels, NansOfOneRequestStayThere) {
  MLAWAVE_SKIP_WITHOUT_GPU();
  int compared = 0;
  for (Kind kind : {Kind::stream_k, Kind::balanced})
    for (const auto& [heads, s_q] : {std::pair{16, 1}, {16, 2}, {64, 1}, {128, 1}})
      for (std::int64_t shorter : {1, 7, 8, 31, 33, 63, 65, 100}) {
        const api::MlaProblem p =
            api::make_problem({130, shorter, 200, 40}, heads, s_q, Dtype::f16, Layout::rope_nope);
        std::mt19937 again = random_;
        Tensors numbers(p, random_), nans(p, again);
        MLAWAVE_CUDA_CHECK(
            cudaMemset(nans.kv.data(), 0xff, p.n_kv[0] * api::kDQk * sizeof(std::uint16_t)));
        MLAWAVE_CUDA_CHECK(
            cudaMemset(nans.v.data(), 0xff, p.n_kv[0] * api::kDV * sizeof(std::uint16_t)));
        const api::PlanRequest request{
            p, {kind, schedule::takes_chunk(kind) ? 64 : schedule::kGranule, 1}, 2};
        for (const api::Kernel* kernel : kernels()) {
          if (!kernel->supports(request).ok) continue;
          const auto plan = kernel->plan(request);
          plan->launch(numbers.view(), api::Phase::whole, nullptr);
          plan->launch(nans.view(), api::Phase::whole, nullptr);
          MLAWAVE_CUDA_CHECK(cudaDeviceSynchronize());
          const auto expected = download(numbers.out), out = download(nans.out);
          const auto expected_lse = download(numbers.lse), lse = download(nans.lse);
          SCOPED_TRACE(fmt::format("{}, {}, heads {}, s_q {}, {} tokens", kernel->name(),
                                   schedule::to_string(kind), heads, s_q, shorter));
          for (int row = 0; row < p.rows(); ++row) {
            EXPECT_TRUE(std::isnan(api::to_float(out[row * api::kDV], Dtype::f16))) << row;
            EXPECT_TRUE(std::isnan(lse[row])) << row << ": " << lse[row];
          }
          EXPECT_TRUE(std::equal(out.begin() + p.rows() * api::kDV, out.end(),
                                 expected.begin() + p.rows() * api::kDV));
          EXPECT_TRUE(
              std::equal(lse.begin() + p.rows(), lse.end(), expected_lse.begin() + p.rows()));
          ++compared;
        }
      }
  EXPECT_GT(compared, 0);
}

// A combine that added in the order of arrival would differ in the last bits.
TEST_F(CudaKernels, RepeatedLaunchesGiveTheSameBits) {
  MLAWAVE_SKIP_WITHOUT_GPU();
  const api::MlaProblem p =
      api::make_problem({4001, 900, 17}, 16, 2, Dtype::f16, Layout::rope_nope);
  Tensors tensors(p, random_);
  for (const api::Kernel* kernel : kernels()) {
    const api::PlanRequest request{p, {Kind::stream_k, 64, 1}, 100};
    if (!kernel->supports(request).ok) continue;
    const auto plan = kernel->plan(request);
    std::vector<std::uint16_t> first;
    for (int repeat = 0; repeat < 20; ++repeat) {
      tensors.poison();
      plan->launch(tensors.view(), api::Phase::whole, nullptr);
      MLAWAVE_CUDA_CHECK(cudaDeviceSynchronize());
      if (repeat == 0) first = download(tensors.out);
      EXPECT_EQ(download(tensors.out), first) << kernel->name() << ", launch " << repeat;
    }
  }
}

// The same tables as the host would have made: the same bits.
TEST_F(CudaKernels, ScheduleMadeAnewOnTheDevice) {
  MLAWAVE_SKIP_WITHOUT_GPU();
  const std::vector<std::int64_t> lengths[] = {
      {40000}, {4641, 45118, 1730, 1696}, {0, 5, 0, 3000}, std::vector<std::int64_t>(300, 150)};
  for (const auto& n_kv : lengths) {
    const api::MlaProblem p = api::make_problem(n_kv, 16, 4, Dtype::f16, Layout::rope_nope);
    Tensors tensors(p, random_);
    const Shape shape{
        n_kv, 16, 4, Dtype::f16, Layout::rope_nope, {Kind::balanced, schedule::kGranule, 1}, 132};
    for (const api::Kernel* kernel : kernels()) {
      const api::PlanRequest request{p, shape.policy, shape.sms};
      if (!kernel->supports(request).ok) continue;
      const auto plan = kernel->plan(request);
      EXPECT_TRUE(plan->info().planned_on_device);
      tensors.poison();
      plan->launch(tensors.view(), api::Phase::schedule, nullptr);
      plan->launch(tensors.view(), api::Phase::whole, nullptr);
      MLAWAVE_CUDA_CHECK(cudaDeviceSynchronize());
      compare(*kernel, shape, reference_.compute(p, tensors.view(), nullptr), tensors);
    }
  }
}

// Two plans on two streams at once do not share anything they write.
TEST_F(CudaKernels, PlansOnTwoStreamsDoNotDisturbEachOther) {
  MLAWAVE_SKIP_WITHOUT_GPU();
  const api::MlaProblem p = api::make_problem({3000}, 16, 1, Dtype::bf16, Layout::nope_rope);
  Tensors one(p, random_), two(p, random_);
  for (const api::Kernel* kernel : kernels()) {
    const api::PlanRequest request{p, {Kind::stream_k, 32, 1}, 60};
    if (!kernel->supports(request).ok) continue;
    const auto plan_one = kernel->plan(request), plan_two = kernel->plan(request);
    cudaStream_t streams[2];
    for (auto& s : streams)
      MLAWAVE_CUDA_CHECK(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking));
    one.poison(), two.poison();
    MLAWAVE_CUDA_CHECK(cudaDeviceSynchronize());
    for (int i = 0; i < 50; ++i) {
      plan_one->launch(one.view(), api::Phase::whole, streams[0]);
      plan_two->launch(two.view(), api::Phase::whole, streams[1]);
    }
    MLAWAVE_CUDA_CHECK(cudaDeviceSynchronize());
    Shape shape{{3000}, 16, 1, Dtype::bf16, Layout::nope_rope, {Kind::stream_k, 32, 1}, 60};
    compare(*kernel, shape, reference_.compute(p, one.view(), nullptr), one);
    compare(*kernel, shape, reference_.compute(p, two.view(), nullptr), two);
    for (auto& s : streams) MLAWAVE_CUDA_CHECK(cudaStreamDestroy(s));
  }
}

}  // namespace
}  // namespace mlawave::cuda
