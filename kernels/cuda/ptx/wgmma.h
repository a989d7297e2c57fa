// Matrix products of one warpgroup with operands in shared memory (sm_90a).
#pragma once

#include <cstdint>

#include "kernels/api/problem.h"

namespace mlawave::ptx {

__device__ inline void wgmma_fence() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
__device__ inline void wgmma_commit() {
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
}
template <int Pending>
__device__ inline void wgmma_wait() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(Pending) : "memory");
}

// Orders ordinary writes to shared memory before reads by the tensor cores and the copy engine.
__device__ inline void fence_async_shared() {
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
}

// Operand with 128-byte rows and the 128-byte swizzle, eight rows to a 1024-byte atom. K-major:
// rows are M or N, a row holds 64 elements of K. Transposed (MN-major): rows are K, a row holds 64
// of M or N. Both step from atom to atom by 1024 bytes. `block_bytes`: from one 64-wide block to the
// next, for MN-major operands wider than 64.
__device__ inline std::uint64_t wgmma_descriptor(std::uint32_t shared, int block_bytes = 1024) {
  constexpr std::uint64_t kAtom = 1024 >> 4, kSwizzle128 = 1;
  return ((shared & 0x3FFFF) >> 4) | (static_cast<std::uint64_t>(block_bytes >> 4) << 16) |
         (kAtom << 32) | (kSwizzle128 << 62);
}

// K-major operand of 16 elements in K without a swizzle: eight rows of 16 bytes are an atom; then
// comes the atom of the same rows' other eight elements, then the next eight rows.
__device__ inline std::uint64_t wgmma_descriptor_plain(std::uint32_t shared) {
  constexpr std::uint64_t kAtom = 128 >> 4;
  return ((shared & 0x3FFFF) >> 4) | (kAtom << 16) | (2 * kAtom << 32);
}

// The same operand `bytes` further on.
__device__ inline std::uint64_t advance(std::uint64_t descriptor, int bytes) {
  return descriptor + static_cast<std::uint64_t>(bytes >> 4);
}

// Keeps the compiler from moving work on an accumulator across this point (it does not see that
// wgmma runs on behind the instruction that started it).
template <int N>
__device__ inline void pin(float (&d)[N]) {
#pragma unroll
  for (int i = 0; i < N; ++i) asm volatile("" : "+f"(d[i])::"memory");
}

// d[64 × N] += A[64 × 16] B[16 × N]; d as in m16n8k16, warp w of the warpgroup has rows 16·w…. A may
// be transposed (MN-major), B is K-major.
template <api::Dtype D, int N, bool TransposeA>
__device__ inline void wgmma_m64k16(float (&d)[N / 2], std::uint64_t a, std::uint64_t b) {
  static_assert(N == 16 || N == 32 || N == 64);
  if constexpr (N == 16 && D == api::Dtype::f16) {
    asm volatile(
        "wgmma.mma_async.sync.aligned.m64n16k16.f32.f16.f16 {%0, %1, %2, %3, %4, %5, %6, %7}, %8, %9, 1, 1, 1, "
        "%10, 0;\n"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]), "+f"(d[4]), "+f"(d[5]), "+f"(d[6]), "+f"(d[7])
        : "l"(a), "l"(b), "n"(int(TransposeA)));
  }
  if constexpr (N == 16 && D == api::Dtype::bf16) {
    asm volatile(
        "wgmma.mma_async.sync.aligned.m64n16k16.f32.bf16.bf16 {%0, %1, %2, %3, %4, %5, %6, %7}, %8, %9, 1, 1, 1, "
        "%10, 0;\n"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]), "+f"(d[4]), "+f"(d[5]), "+f"(d[6]), "+f"(d[7])
        : "l"(a), "l"(b), "n"(int(TransposeA)));
  }
  if constexpr (N == 32 && D == api::Dtype::f16) {
    asm volatile(
        "wgmma.mma_async.sync.aligned.m64n32k16.f32.f16.f16 {%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15}, %16, %17, 1, 1, 1, "
        "%18, 0;\n"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]), "+f"(d[4]), "+f"(d[5]), "+f"(d[6]), "+f"(d[7]), "+f"(d[8]), "+f"(d[9]), "+f"(d[10]), "+f"(d[11]), "+f"(d[12]), "+f"(d[13]), "+f"(d[14]), "+f"(d[15])
        : "l"(a), "l"(b), "n"(int(TransposeA)));
  }
  if constexpr (N == 32 && D == api::Dtype::bf16) {
    asm volatile(
        "wgmma.mma_async.sync.aligned.m64n32k16.f32.bf16.bf16 {%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15}, %16, %17, 1, 1, 1, "
        "%18, 0;\n"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]), "+f"(d[4]), "+f"(d[5]), "+f"(d[6]), "+f"(d[7]), "+f"(d[8]), "+f"(d[9]), "+f"(d[10]), "+f"(d[11]), "+f"(d[12]), "+f"(d[13]), "+f"(d[14]), "+f"(d[15])
        : "l"(a), "l"(b), "n"(int(TransposeA)));
  }
  if constexpr (N == 64 && D == api::Dtype::f16) {
    asm volatile(
        "wgmma.mma_async.sync.aligned.m64n64k16.f32.f16.f16 {%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31}, %32, %33, 1, 1, 1, "
        "%34, 0;\n"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]), "+f"(d[4]), "+f"(d[5]), "+f"(d[6]), "+f"(d[7]), "+f"(d[8]), "+f"(d[9]), "+f"(d[10]), "+f"(d[11]), "+f"(d[12]), "+f"(d[13]), "+f"(d[14]), "+f"(d[15]), "+f"(d[16]), "+f"(d[17]), "+f"(d[18]), "+f"(d[19]), "+f"(d[20]), "+f"(d[21]), "+f"(d[22]), "+f"(d[23]), "+f"(d[24]), "+f"(d[25]), "+f"(d[26]), "+f"(d[27]), "+f"(d[28]), "+f"(d[29]), "+f"(d[30]), "+f"(d[31])
        : "l"(a), "l"(b), "n"(int(TransposeA)));
  }
  if constexpr (N == 64 && D == api::Dtype::bf16) {
    asm volatile(
        "wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 {%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31}, %32, %33, 1, 1, 1, "
        "%34, 0;\n"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]), "+f"(d[4]), "+f"(d[5]), "+f"(d[6]), "+f"(d[7]), "+f"(d[8]), "+f"(d[9]), "+f"(d[10]), "+f"(d[11]), "+f"(d[12]), "+f"(d[13]), "+f"(d[14]), "+f"(d[15]), "+f"(d[16]), "+f"(d[17]), "+f"(d[18]), "+f"(d[19]), "+f"(d[20]), "+f"(d[21]), "+f"(d[22]), "+f"(d[23]), "+f"(d[24]), "+f"(d[25]), "+f"(d[26]), "+f"(d[27]), "+f"(d[28]), "+f"(d[29]), "+f"(d[30]), "+f"(d[31])
        : "l"(a), "l"(b), "n"(int(TransposeA)));
  }
}

}  // namespace mlawave::ptx
