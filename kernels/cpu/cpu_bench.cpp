// How near one core comes to its limits: its f32 multiply-add peak, its read bandwidth, and both
// kernels on one request of 4096 tokens, 16 heads, its cache in memory (cold). Every figure is the
// best of many short passes, since other programs may share the machine.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/cpu_bench.cpp"
#include <hwy/foreach_target.h>
// Highway wants its own headers after the line above.
#include <hwy/highway.h>

#include <cstddef>

HWY_BEFORE_NAMESPACE();
namespace mlawave::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Ten chains: two pipes with a latency of four or five cycles stay busy. They start apart, or the
// compiler sees that all are equal and computes one. Returns the flops done.
double multiply_add(std::size_t rounds, float* sink) {
  const hn::CappedTag<float, 16> d;
  const auto x = hn::Set(d, 0.5f), y = hn::Set(d, sink[0]);
  const auto start = [&](int chain) { return hn::Set(d, sink[chain]); };
  auto a = start(0), b = start(1), c = start(2), e = start(3), f = start(4);
  auto g = start(5), h = start(6), i = start(7), j = start(8), k = start(9);
  for (std::size_t round = 0; round < rounds; ++round) {
    a = hn::MulAdd(a, x, y), b = hn::MulAdd(b, x, y), c = hn::MulAdd(c, x, y);
    e = hn::MulAdd(e, x, y), f = hn::MulAdd(f, x, y), g = hn::MulAdd(g, x, y);
    h = hn::MulAdd(h, x, y), i = hn::MulAdd(i, x, y), j = hn::MulAdd(j, x, y);
    k = hn::MulAdd(k, x, y);
  }
  const auto sum = hn::Add(hn::Add(hn::Add(a, b), hn::Add(c, e)),
                           hn::Add(hn::Add(f, g), hn::Add(h, hn::Add(i, hn::Add(j, k)))));
  sink[0] = hn::GetLane(hn::SumOfLanes(d, sum));
  return 20.0 * static_cast<double>(rounds * hn::Lanes(d));
}

float read_all(const float* from, std::size_t count) {
  const hn::CappedTag<float, 16> d;
  const std::size_t lanes = hn::Lanes(d);
  auto a = hn::Zero(d), b = a, c = a, e = a;
  for (std::size_t i = 0; i + 4 * lanes <= count; i += 4 * lanes) {
    a = hn::Add(a, hn::LoadU(d, from + i));
    b = hn::Add(b, hn::LoadU(d, from + i + lanes));
    c = hn::Add(c, hn::LoadU(d, from + i + 2 * lanes));
    e = hn::Add(e, hn::LoadU(d, from + i + 3 * lanes));
  }
  return hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(a, b), hn::Add(c, e))));
}

}  // namespace mlawave::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "kernels/api/half.h"
#include "kernels/cpu/kernels.h"

namespace mlawave::cpu {
namespace {

HWY_EXPORT(multiply_add);
HWY_EXPORT(read_all);

constexpr int kPasses = 300;  // timed one by one
constexpr std::int64_t kTokens = 4096;
constexpr std::size_t kReadBytes = std::size_t{256} << 20;  // beyond any last-level cache here

struct KernelBest {
  std::string name;
  double gflop_per_s, gb_per_s;
};

struct Best {  // what main() puts in relation; 0: filtered out
  double peak_gflop_per_s = 0, read_gb_per_s = 0;
  std::vector<KernelBest> kernels;
} best;

// Calls pass() once an iteration and returns the seconds of the fastest.
template <class Pass>
double fastest(benchmark::State& state, Pass pass) {
  double seconds = std::numeric_limits<double>::infinity();
  for ([[maybe_unused]] auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    pass();
    const std::chrono::duration<double> s = std::chrono::steady_clock::now() - begin;
    state.SetIterationTime(s.count());
    seconds = std::min(seconds, s.count());
  }
  return seconds;
}

void peak(benchmark::State& state) {
  float sink[10] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  double flops = 0;
  const double s = fastest(state, [&] {
    flops = HWY_DYNAMIC_DISPATCH(multiply_add)(100'000, sink);
    benchmark::DoNotOptimize(sink[0]);
  });
  state.counters["best_GFLOP/s"] = best.peak_gflop_per_s = flops / s / 1e9;
}

void read(benchmark::State& state) {
  const std::vector<float> data(kReadBytes / sizeof(float), 1.f);
  const std::size_t part = data.size() / 64;
  std::size_t at = 0;
  const double s = fastest(state, [&] {
    benchmark::DoNotOptimize(HWY_DYNAMIC_DISPATCH(read_all)(data.data() + at * part, part));
    at = (at + 1) % 64;
  });
  state.counters["best_GB/s"] = best.read_gb_per_s =
      static_cast<double>(part * sizeof(float)) / s / 1e9;
}

void attention(benchmark::State& state, const api::Kernel& kernel, api::Dtype dtype) {
  const auto p = api::make_problem({kTokens}, 16, 1, dtype, api::Layout::rope_nope);
  std::mt19937 random(408);
  std::normal_distribution<float> normal;
  const std::size_t kv_size = p.kv_rows() * api::kDQk;
  const std::size_t copies = kReadBytes / (kv_size * sizeof(std::uint16_t)) + 1;
  std::vector<std::uint16_t> q(p.rows() * api::kDQk), kv(kv_size * copies);
  for (auto& x : q) x = api::from_float(normal(random), dtype);
  for (std::size_t i = 0; i < kv_size; ++i) kv[i] = api::from_float(normal(random), dtype);
  for (std::size_t i = 1; i < copies; ++i)
    std::copy_n(kv.begin(), kv_size, kv.begin() + i * kv_size);
  std::vector<std::uint16_t> out(p.rows() * api::kDV);
  std::vector<float> lse(p.rows());
  const auto plan = kernel.plan({p, {}, 1});
  std::size_t at = 0;  // each pass reads another copy, so none comes from a cache
  const double s = fastest(state, [&] {
    const std::uint16_t* cold = kv.data() + at++ % copies * kv_size;
    plan->launch({q.data(), cold, nullptr, out.data(), lse.data()}, api::Phase::whole, {});
  });
  const KernelBest k{fmt::format("{} {}", kernel.name(), api::to_string(dtype)),
                     p.flops() / s / 1e9, p.bytes() / s / 1e9};
  state.counters["best_GFLOP/s"] = k.gflop_per_s;
  state.counters["best_GB/s"] = k.gb_per_s;
  best.kernels.push_back(k);
}

// To stderr: stdout belongs to Google Benchmark and may be JSON.
void print_fractions() {
  if (best.peak_gflop_per_s == 0 || best.read_gb_per_s == 0) return;
  fmt::print(stderr, "one core: peak {:.1f} GFLOP/s, read {:.1f} GB/s\n", best.peak_gflop_per_s,
             best.read_gb_per_s);
  for (const KernelBest& k : best.kernels) {
    const double compute = k.gflop_per_s / best.peak_gflop_per_s;
    const double memory = k.gb_per_s / best.read_gb_per_s;
    fmt::print(stderr,
               "{:16} {:6.1f} GFLOP/s = {:.0f} % of the peak; {:5.2f} GB/s = {:.0f} % of the "
               "bandwidth; bound by {}\n",
               k.name, k.gflop_per_s, 100 * compute, k.gb_per_s, 100 * memory,
               compute > memory ? "multiply-adds" : "memory");
  }
}

}  // namespace
}  // namespace mlawave::cpu

int main(int argc, char** argv) {
  using namespace mlawave;
  const auto add = [](const std::string& name, auto run) {
    benchmark::RegisterBenchmark(name.c_str(), run)->Iterations(cpu::kPasses)->UseManualTime();
  };
  add("peak", cpu::peak);
  add("read", cpu::read);
  for (const api::Kernel* kernel : {&cpu::baseline(), &cpu::tile_reuse()})
    for (api::Dtype dtype : {api::Dtype::f16, api::Dtype::bf16})
      add(fmt::format("{}/{}", kernel->name(), api::to_string(dtype)),
          [=](benchmark::State& state) { cpu::attention(state, *kernel, dtype); });
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  cpu::print_fractions();
  return 0;
}
#endif
