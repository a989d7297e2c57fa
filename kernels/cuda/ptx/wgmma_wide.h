// Matrix products of one warpgroup that are 64 and 256 columns wide (sm_90a); see wgmma.h for the
// descriptors. d as in m16n8k16: warp w has rows 16·w…; lane l of it rows l/4 and l/4 + 8.
#pragma once

#include <cstdint>

#include "kernels/api/problem.h"

// The accumulator's registers as the text of an instruction and as its operands.
#define MLAWAVE_REGISTERS_32 \
  "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, " \
  "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31"
#define MLAWAVE_REGISTERS_128 \
  "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, " \
  "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, " \
  "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, " \
  "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63, " \
  "%64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79, " \
  "%80, %81, %82, %83, %84, %85, %86, %87, %88, %89, %90, %91, %92, %93, %94, %95, " \
  "%96, %97, %98, %99, %100, %101, %102, %103, %104, %105, %106, %107, %108, %109, %110, %111, " \
  "%112, %113, %114, %115, %116, %117, %118, %119, %120, %121, %122, %123, %124, %125, %126, %127"
#define MLAWAVE_OPERANDS_8(d, i)                                                              \
  "+f"(d[i]), "+f"(d[i + 1]), "+f"(d[i + 2]), "+f"(d[i + 3]), "+f"(d[i + 4]), "+f"(d[i + 5]), \
      "+f"(d[i + 6]), "+f"(d[i + 7])
#define MLAWAVE_OPERANDS_32(d, i)                                                                 \
  MLAWAVE_OPERANDS_8(d, i), MLAWAVE_OPERANDS_8(d, i + 8), MLAWAVE_OPERANDS_8(d, i + 16),          \
      MLAWAVE_OPERANDS_8(d, i + 24)
#define MLAWAVE_OPERANDS_128(d)                                                              \
  MLAWAVE_OPERANDS_32(d, 0), MLAWAVE_OPERANDS_32(d, 32), MLAWAVE_OPERANDS_32(d, 64), \
      MLAWAVE_OPERANDS_32(d, 96)

namespace mlawave::ptx {

#define MLAWAVE_WGMMA_N64(type)                                                               \
  asm volatile(                                                                                   \
      "{\n"                                                                                       \
      ".reg .pred p;\n"                                                                           \
      "setp.ne.b32 p, %34, 0;\n"                                                                  \
      "wgmma.mma_async.sync.aligned.m64n64k16.f32." type "." type " {" MLAWAVE_REGISTERS_32       \
      "}, %32, %33, p, 1, 1, 0, 0;\n"                                                             \
      "}\n"                                                                                       \
      : MLAWAVE_OPERANDS_32(d, 0)                                                                 \
      : "l"(a), "l"(b), "r"(int(accumulate)))

// d[64 × 64] (+)= A[64 × 16] B[16 × 64], both K-major in shared memory.
template <api::Dtype D>
__device__ inline void wgmma_m64n64k16(float (&d)[32], std::uint64_t a, std::uint64_t b,
                                       bool accumulate) {
  if constexpr (D == api::Dtype::f16)
    MLAWAVE_WGMMA_N64("f16");
  else
    MLAWAVE_WGMMA_N64("bf16");
}

#define MLAWAVE_WGMMA_N64_A(type)                                                            \
  asm volatile(                                                                                   \
      "{\n"                                                                                       \
      ".reg .pred p;\n"                                                                           \
      "setp.ne.b32 p, %37, 0;\n"                                                                  \
      "wgmma.mma_async.sync.aligned.m64n64k16.f32." type "." type " {" MLAWAVE_REGISTERS_32       \
      "}, {%32, %33, %34, %35}, %36, p, 1, 1, 0;\n"                                               \
      "}\n"                                                                                       \
      : MLAWAVE_OPERANDS_32(d, 0)                                                                 \
      : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "l"(b), "r"(int(accumulate)))

// The same with A in registers, as in m16n8k16: rows l/4 and l/4 + 8 of two elements, then the same
// eight columns on.
template <api::Dtype D>
__device__ inline void wgmma_m64n64k16(float (&d)[32], std::uint32_t a0, std::uint32_t a1,
                                       std::uint32_t a2, std::uint32_t a3, std::uint64_t b,
                                       bool accumulate) {
  if constexpr (D == api::Dtype::f16)
    MLAWAVE_WGMMA_N64_A("f16");
  else
    MLAWAVE_WGMMA_N64_A("bf16");
}

#define MLAWAVE_WGMMA_N256(type)                                                             \
  asm volatile(                                                                                   \
      "{\n"                                                                                       \
      ".reg .pred p;\n"                                                                           \
      "setp.ne.b32 p, %130, 0;\n"                                                                 \
      "wgmma.mma_async.sync.aligned.m64n256k16.f32." type "." type " {" MLAWAVE_REGISTERS_128     \
      "}, %128, %129, p, 1, 1, 0, 1;\n"                                                           \
      "}\n"                                                                                       \
      : MLAWAVE_OPERANDS_128(d)                                                                   \
      : "l"(a), "l"(b), "r"(int(accumulate)))

// d[64 × 256] (+)= A[64 × 16] B[16 × 256]; A K-major, B with its columns contiguous (MN-major).
template <api::Dtype D>
__device__ inline void wgmma_m64n256k16(float (&d)[128], std::uint64_t a, std::uint64_t b,
                                        bool accumulate) {
  if constexpr (D == api::Dtype::f16)
    MLAWAVE_WGMMA_N256("f16");
  else
    MLAWAVE_WGMMA_N256("bf16");
}

#define MLAWAVE_WGMMA_N256_A(type)                                                           \
  asm volatile(                                                                                   \
      "{\n"                                                                                       \
      ".reg .pred p;\n"                                                                           \
      "setp.ne.b32 p, %133, 0;\n"                                                                 \
      "wgmma.mma_async.sync.aligned.m64n256k16.f32." type "." type " {" MLAWAVE_REGISTERS_128     \
      "}, {%128, %129, %130, %131}, %132, p, 1, 1, 1;\n"                                          \
      "}\n"                                                                                       \
      : MLAWAVE_OPERANDS_128(d)                                                                   \
      : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "l"(b), "r"(int(accumulate)))

// The same with A in registers, as above.
template <api::Dtype D>
__device__ inline void wgmma_m64n256k16(float (&d)[128], std::uint32_t a0, std::uint32_t a1,
                                        std::uint32_t a2, std::uint32_t a3, std::uint64_t b,
                                        bool accumulate) {
  if constexpr (D == api::Dtype::f16)
    MLAWAVE_WGMMA_N256_A("f16");
  else
    MLAWAVE_WGMMA_N256_A("bf16");
}

}  // namespace mlawave::ptx

#undef MLAWAVE_WGMMA_N64
#undef MLAWAVE_WGMMA_N64_A
#undef MLAWAVE_WGMMA_N256
#undef MLAWAVE_WGMMA_N256_A
#undef MLAWAVE_REGISTERS_32
#undef MLAWAVE_REGISTERS_128
#undef MLAWAVE_OPERANDS_8
#undef MLAWAVE_OPERANDS_32
#undef MLAWAVE_OPERANDS_128
