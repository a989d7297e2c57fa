#include <cuda_fp16.h>

#include <cstdint>

#include "harness/measure/cuda/matrix.h"
#include "harness/workload/fill.h"
#include "kernels/cuda/base/error.h"

namespace mlawave::measure {
namespace {

__device__ float matrix_sink;  // a store that may happen keeps the products alive

constexpr int kThreads = 256;
constexpr int kSharedBytes = 48 << 10;
constexpr std::uint64_t kSeed = 408;

__device__ unsigned random_pair(unsigned index) {
  const __half2 pair =
      __floats2half2_rn(workload::value(kSeed, workload::Tensor::q, 2 * index),
                        workload::value(kSeed, workload::Tensor::q, 2 * index + 1));
  return *reinterpret_cast<const unsigned*>(&pair);
}

#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
// Two warpgroups of a CTA multiply D[64,256] += A[64,64] B[64,256], operands in shared memory with
// the 128-byte swizzle (with random operands any bijective layout is a matrix product).
constexpr int kProducts = 8;  // of one warpgroup in a round, each 64 × 256 × 16
constexpr double kFlopsPerRound = 2.0 * 2 * 64 * 256 * 16 * kProducts;
constexpr int kGroupBytesA = 64 * 64 * 2;
constexpr int kBytesB = 64 * 256 * 2;
constexpr int kAccumulators = 128;

// Start address, stride between groups of 8 rows (1024 B), 128-byte swizzle; in units of 16 bytes.
__device__ std::uint64_t descriptor(std::uint32_t address) {
  return (address >> 4 & 0x3fff) | std::uint64_t{1} << 16 | std::uint64_t{64} << 32 |
         std::uint64_t{1} << 62;
}

__device__ void multiply(float (&d)[kAccumulators], std::uint64_t a, std::uint64_t b) {
#define D4(i) "+f"(d[i]), "+f"(d[i + 1]), "+f"(d[i + 2]), "+f"(d[i + 3])
#define D16(i) D4(i), D4(i + 4), D4(i + 8), D4(i + 12)
  asm volatile(
      "{.reg .pred add; setp.eq.u32 add, 1, 1;"
      "wgmma.mma_async.sync.aligned.m64n256k16.f32.f16.f16 {"
      "%0,%1,%2,%3,%4,%5,%6,%7,%8,%9,%10,%11,%12,%13,%14,%15,"
      "%16,%17,%18,%19,%20,%21,%22,%23,%24,%25,%26,%27,%28,%29,%30,%31,"
      "%32,%33,%34,%35,%36,%37,%38,%39,%40,%41,%42,%43,%44,%45,%46,%47,"
      "%48,%49,%50,%51,%52,%53,%54,%55,%56,%57,%58,%59,%60,%61,%62,%63,"
      "%64,%65,%66,%67,%68,%69,%70,%71,%72,%73,%74,%75,%76,%77,%78,%79,"
      "%80,%81,%82,%83,%84,%85,%86,%87,%88,%89,%90,%91,%92,%93,%94,%95,"
      "%96,%97,%98,%99,%100,%101,%102,%103,%104,%105,%106,%107,%108,%109,%110,%111,"
      "%112,%113,%114,%115,%116,%117,%118,%119,%120,%121,%122,%123,%124,%125,%126,%127},"
      "%128,%129,add,1,1,0,0;}"
      : D16(0), D16(16), D16(32), D16(48), D16(64), D16(80), D16(96), D16(112)
      : "l"(a), "l"(b));
#undef D16
#undef D4
}

__device__ void multiply_rounds(int rounds) {
  extern __shared__ __align__(1024) unsigned sOperands[];  // A of each warpgroup, then B
  static_assert(2 * kGroupBytesA + kBytesB == kSharedBytes);
  for (int i = threadIdx.x; i < kSharedBytes / 4; i += kThreads) sOperands[i] = random_pair(i);
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
  __syncthreads();
  const auto base = static_cast<std::uint32_t>(__cvta_generic_to_shared(sOperands));
  const std::uint64_t a = descriptor(base + threadIdx.x / 128 * kGroupBytesA);
  const std::uint64_t b = descriptor(base + 2 * kGroupBytesA);
  float d[kAccumulators] = {};
  for (int round = 0; round < rounds; ++round) {
    asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
#pragma unroll
    for (int k = 0; k < kProducts; ++k)
      multiply(d, a + 2 * (k % 4), b + 2 * (k % 4));  // the next 16 of 64 columns: 32 bytes on
    asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
    asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");
  }
  float sum = 0;
  for (int i = 0; i < kAccumulators; ++i) sum += d[i];
  if (sum == 0.5f) matrix_sink = sum;
}
#else
// Each warp multiplies D[16,8] += A[16,16] B[16,8] from registers, 8 independent D.
constexpr int kTiles = 8;
constexpr int kRepeats = 16;
constexpr double kFlopsPerRound = 2.0 * 16 * 8 * 16 * kTiles * kRepeats * (kThreads / 32);

__device__ void multiply_rounds(int rounds) {
  unsigned a[4], b[kTiles][2];
  float d[kTiles][4] = {};
  for (int i = 0; i < 4; ++i) a[i] = random_pair(threadIdx.x * 32 + i);
  for (int i = 0; i < 2 * kTiles; ++i) b[i / 2][i % 2] = random_pair(threadIdx.x * 32 + 4 + i);
  for (int i = 0; i < rounds * kRepeats; ++i)
#pragma unroll
    for (int t = 0; t < kTiles; ++t)
      asm volatile(
          "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, "
          "{%8,%9}, "
          "{%0,%1,%2,%3};"
          : "+f"(d[t][0]), "+f"(d[t][1]), "+f"(d[t][2]), "+f"(d[t][3])
          : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[t][0]), "r"(b[t][1]));
  float sum = 0;
  for (int t = 0; t < kTiles; ++t)
    for (int i = 0; i < 4; ++i) sum += d[t][i];
  if (sum == 0.5f) matrix_sink = sum;
}
#endif

__global__ void __launch_bounds__(kThreads, 1) matrix_kernel(int rounds, double* flops_per_round) {
  if (blockIdx.x == 0 && threadIdx.x == 0) *flops_per_round = kFlopsPerRound;
  multiply_rounds(rounds);
}

}  // namespace

void multiply_matrices(int sms, int rounds, double* flops_per_round, cudaStream_t stream) {
  matrix_kernel<<<sms, kThreads, kSharedBytes, stream>>>(rounds, flops_per_round);
  MLAWAVE_CUDA_CHECK(cudaGetLastError());
}

}  // namespace mlawave::measure
