// Four 8 × 8 matrices of 16-bit elements from mma fragments to shared memory (sm_90 and later).
// Lane l gives the address of row l % 8 of matrix l / 8.
#pragma once

#include <cstdint>

namespace mlawave::ptx {

__device__ inline void stmatrix_x4(std::uint32_t shared, std::uint32_t r0, std::uint32_t r1,
                                   std::uint32_t r2, std::uint32_t r3) {
  asm volatile("stmatrix.sync.aligned.m8n8.x4.shared.b16 [%0], {%1, %2, %3, %4};" ::"r"(shared),
               "r"(r0), "r"(r1), "r"(r2), "r"(r3)
               : "memory");
}

}  // namespace mlawave::ptx
