// The numbers a workload is filled with: a function of (seed, tensor, index) alone, so the CPU and
// any number of GPU threads make the same ones in any order.
#pragma once

#include <cstdint>

#include "harness/config/sweep_config.h"
#include "kernels/schedule/schedule.h"  // MLAWAVE_HD

namespace mlawave::workload {

enum class Tensor : std::uint32_t { q = 0, kv = 1 };

struct FillSpec {
  std::uint64_t seed = 408;
  config::Cache cache = config::Cache::cold;
  bool separate_v = false;  // also make V a cache of its own, equal to the V columns of kv
};

// Caches rotated over in all have at least this many times the size of the L2.
inline constexpr int kColdL2Multiple = 4;

// SplitMix64's finaliser (Steele, Lea, Flood, OOPSLA 2014).
MLAWAVE_HD constexpr std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// Roughly standard normal, in [-3.47, 3.47]: the sum of four 16-bit uniforms, centred and scaled
// to variance 1. Exact up to one float product, so host and device agree to the bit.
MLAWAVE_HD constexpr float value(std::uint64_t seed, Tensor tensor, std::uint64_t index) {
  const std::uint64_t stream =
      mix(seed + 0x9e3779b97f4a7c15u * (1 + static_cast<std::uint64_t>(tensor)));
  const std::uint64_t bits = mix(stream + 0x9e3779b97f4a7c15u * (index + 1));
  const auto sum = static_cast<std::int32_t>((bits & 0xffff) + (bits >> 16 & 0xffff) +
                                             (bits >> 32 & 0xffff) + (bits >> 48));
  constexpr std::int32_t kMean = 2 * 65535;
  constexpr float kPerDeviation = 1.0f / 37837.227f;  // sqrt(4 · (65536² - 1) / 12)
  return static_cast<float>(sum - kMean) * kPerDeviation;
}

// Contents of a workload, element type problem.dtype, rounded to nearest even:
//   q  [batch, s_q, heads, 576]  value(seed, Tensor::q, linear index)
//   kv [kv_rows, 576]            value(seed, Tensor::kv, row·576 + column) inside a request,
//                                NaN (kNan16) in every row that no request owns
//   v  [kv_rows, 512]            kv[row, v_column(layout) + column], NaN rows included
// Every copy of the cache has the same contents. A paged cache's rows are numbered as they lie in
// it; which of them a request owns: block_table.h. All copies share one table, as the layers of a
// model do.

// NaN in f16 and in bf16.
inline constexpr std::uint16_t kNan16 = 0x7fc0;

// What outputs hold before a kernel runs: NaNs that no arithmetic makes, so an element that was
// never written is told from one that was computed as NaN.
inline constexpr std::uint16_t kPoison16 = 0x7fa5;      // f16 and bf16
inline constexpr std::uint32_t kPoison32 = 0x7fa5a5a5;  // lse

}  // namespace mlawave::workload
