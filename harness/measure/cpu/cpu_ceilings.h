// What this CPU reaches at best, measured on all CPUs this process may use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "harness/record/run_info.h"

namespace mlawave::measure {

// "AVX2", "AVX3", …: the widest instructions that Highway found here.
std::string simd_target();

// Reads far more than the last-level cache; then f32 fused multiply-adds from registers. The best
// of several passes: a ceiling is what the machine can do, not what it did beside other work.
record::Ceilings measure_cpu_ceilings(std::int64_t cache_bytes, std::size_t fma_rounds = 1'500'000);

}  // namespace mlawave::measure
