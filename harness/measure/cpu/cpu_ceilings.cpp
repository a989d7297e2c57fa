#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "harness/measure/cpu/cpu_ceilings.cpp"
#include <hwy/foreach_target.h>
// Above: compiles this file once for every instruction set.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace mlawave::measure::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// The sum of all words, so that every one is read.
std::uint64_t read_all(const std::uint64_t* HWY_RESTRICT words, std::size_t count) {
  const hn::ScalableTag<std::uint64_t> d;
  const std::size_t lanes = hn::Lanes(d);
  auto a = hn::Zero(d), b = hn::Zero(d), c = hn::Zero(d), e = hn::Zero(d);
  for (std::size_t i = 0; i + 4 * lanes <= count; i += 4 * lanes) {
    a = hn::Add(a, hn::LoadU(d, words + i));
    b = hn::Add(b, hn::LoadU(d, words + i + lanes));
    c = hn::Add(c, hn::LoadU(d, words + i + 2 * lanes));
    e = hn::Add(e, hn::LoadU(d, words + i + 3 * lanes));
  }
  return hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(a, b), hn::Add(c, e))));
}

// Ten chains of fused multiply-adds, enough for two units with latencies of four or five cycles.
// They start apart: of ten equal chains GCC computes one and the ceiling comes out too high.
// Returns the floating-point operations done; `sink` keeps the results alive.
double multiply_add(std::size_t rounds, float* HWY_RESTRICT sink) {
  const hn::ScalableTag<float> d;
  const auto x = hn::Set(d, sink[0]), y = hn::Set(d, sink[1]);
  auto a = hn::Zero(d), b = hn::Add(a, x), c = hn::Add(b, x), e = hn::Add(c, x);
  auto f = hn::Add(e, x), g = hn::Add(f, x), h = hn::Add(g, x), i = hn::Add(h, x);
  auto j = hn::Add(i, x), k = hn::Add(j, x);
  for (std::size_t round = 0; round < rounds; ++round) {
    a = hn::MulAdd(a, x, y);
    b = hn::MulAdd(b, x, y);
    c = hn::MulAdd(c, x, y);
    e = hn::MulAdd(e, x, y);
    f = hn::MulAdd(f, x, y);
    g = hn::MulAdd(g, x, y);
    h = hn::MulAdd(h, x, y);
    i = hn::MulAdd(i, x, y);
    j = hn::MulAdd(j, x, y);
    k = hn::MulAdd(k, x, y);
  }
  const auto s =
      hn::Add(hn::Add(hn::Add(a, b), hn::Add(c, e)), hn::Add(hn::Add(f, g), hn::Add(h, i)));
  sink[2] = hn::GetLane(hn::SumOfLanes(d, hn::Add(s, hn::Add(j, k))));
  return 2.0 * 10 * static_cast<double>(rounds) * static_cast<double>(hn::Lanes(d));
}

const char* target_name() { return hwy::TargetName(HWY_TARGET); }

}  // namespace mlawave::measure::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>

#include "harness/env/host.h"
#include "harness/measure/cpu/cpu_ceilings.h"
#include "harness/measure/cpu/parallel.h"

namespace mlawave::measure {
namespace {

HWY_EXPORT(read_all);
HWY_EXPORT(multiply_add);
HWY_EXPORT(target_name);

constexpr int kPasses = 5;
constexpr std::int64_t kReadCacheMultiple = 4;

double best_seconds(const std::function<void()>& pass) {
  double best = 1e30;
  for (int i = 0; i < kPasses; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    pass();
    const std::chrono::duration<double> s = std::chrono::steady_clock::now() - begin;
    best = std::min(best, s.count());
  }
  return best;
}

double read_gb_per_s(std::int64_t bytes) {
  const std::size_t words = static_cast<std::size_t>(bytes) / sizeof(std::uint64_t);
  const auto data = std::make_unique_for_overwrite<std::uint64_t[]>(words);
  ::madvise(data.get(), words * sizeof(std::uint64_t), MADV_HUGEPAGE);
  const auto count = static_cast<std::int64_t>(words);
  parallel_for(count, [&](std::int64_t begin, std::int64_t end) {
    std::fill(data.get() + begin, data.get() + end, 1);
  });
  std::atomic<std::uint64_t> sum = 0;
  const double s = best_seconds([&] {
    parallel_for(count, [&](std::int64_t begin, std::int64_t end) {
      sum +=
          HWY_DYNAMIC_DISPATCH(read_all)(data.get() + begin, static_cast<std::size_t>(end - begin));
    });
  });
  return static_cast<double>(words * sizeof(std::uint64_t)) / s / 1e9;
}

double multiply_add_tflop_per_s(std::size_t rounds) {
  const auto cpus = static_cast<std::int64_t>(env::allowed_cpus().size());
  std::atomic<double> flops = 0;
  const double s = best_seconds([&] {
    flops = 0;
    parallel_for(cpus, [&](std::int64_t, std::int64_t) {
      float sink[3] = {0.5f, 1.0f, 0.0f};
      flops += HWY_DYNAMIC_DISPATCH(multiply_add)(rounds, sink);
    });
  });
  return flops / s / 1e12;
}

}  // namespace

std::string simd_target() { return HWY_DYNAMIC_DISPATCH(target_name)(); }

record::Ceilings measure_cpu_ceilings(std::int64_t cache_bytes, std::size_t fma_rounds) {
  return {read_gb_per_s(kReadCacheMultiple * cache_bytes), multiply_add_tflop_per_s(fma_rounds)};
}

}  // namespace mlawave::measure
#endif
