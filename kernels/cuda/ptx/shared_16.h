// 16 bytes of shared memory by their address.
#pragma once

#include <cstdint>

namespace mlawave::ptx {

__device__ inline void shared_copy_16(std::uint32_t to, std::uint32_t from) {
  asm volatile(
      "{\n"
      ".reg .b32 x<4>;\n"
      "ld.shared.v4.u32 {x0, x1, x2, x3}, [%1];\n"
      "st.shared.v4.u32 [%0], {x0, x1, x2, x3};\n"
      "}\n" ::"r"(to),
      "r"(from)
      : "memory");
}

__device__ inline void shared_zero_16(std::uint32_t to) {
  asm volatile("st.shared.v4.u32 [%0], {%1, %1, %1, %1};" ::"r"(to), "r"(0) : "memory");
}

}  // namespace mlawave::ptx
