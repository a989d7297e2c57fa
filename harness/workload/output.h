// A kernel's output on the host, in double, and how many elements the kernel never wrote.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/api/problem.h"

namespace mlawave::workload {

struct Output {
  std::vector<double> out;     // [batch, s_q, heads, 512]
  std::vector<double> lse;     // [batch, s_q, heads]
  std::int64_t unwritten = 0;  // elements that still hold the poison of fill.h
};

// From the bits as they lie in memory; lse as its 32-bit pattern.
Output decode_output(std::span<const std::uint16_t> out, std::span<const std::uint32_t> lse,
                     api::Dtype dtype);

}  // namespace mlawave::workload
