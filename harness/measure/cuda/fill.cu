#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <algorithm>

#include "harness/measure/cuda/fill.h"
#include "harness/workload/fill.h"
#include "kernels/api/cache_rows.h"
#include "kernels/cuda/base/error.h"

namespace mlawave::measure {
namespace {

constexpr int kThreads = 256;
constexpr int kMaxCtas = 4096;
constexpr int kPack = 8;  // 16-bit elements written at once
static_assert(api::kDQk % kPack == 0 && api::kDV % kPack == 0 && api::kDRope % kPack == 0);

struct alignas(16) Pack {
  std::uint16_t bits[kPack];
};

int ctas_for(std::int64_t threads) {
  return static_cast<int>(
      std::clamp<std::int64_t>((threads + kThreads - 1) / kThreads, 1, kMaxCtas));
}

__device__ std::int64_t first_index() {
  return static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}
__device__ std::int64_t index_step() { return static_cast<std::int64_t>(gridDim.x) * blockDim.x; }

__device__ std::uint16_t round_to(float x, api::Dtype dtype) {
  return dtype == api::Dtype::f16 ? __half_as_ushort(__float2half_rn(x))
                                  : __bfloat16_as_ushort(__float2bfloat16_rn(x));
}

__device__ Pack random_pack(std::uint64_t seed, workload::Tensor tensor, std::int64_t first,
                            api::Dtype dtype) {
  Pack pack;
  for (int i = 0; i < kPack; ++i)
    pack.bits[i] = round_to(workload::value(seed, tensor, first + i), dtype);
  return pack;
}

__device__ void store_to_all(const Copies& copies, std::int64_t element, const Pack& pack) {
  for (int copy = 0; copy < copies.count; ++copy)
    *reinterpret_cast<Pack*>(copies.first + copy * copies.elements + element) = pack;
}

template <class T>
__global__ void bits_kernel(T* data, std::int64_t count, T bits) {
  for (std::int64_t i = first_index(); i < count; i += index_step()) data[i] = bits;
}

template <class T>
void launch_bits(T* data, std::int64_t count, T bits, cudaStream_t stream) {
  bits_kernel<<<ctas_for(count), kThreads, 0, stream>>>(data, count, bits);
  MLAWAVE_CUDA_CHECK(cudaGetLastError());
}

// The rows of a request's tokens in every copy.
__global__ void rows_kernel(Copies kv, api::CacheRows rows, std::int64_t tokens, std::uint64_t seed,
                            api::Dtype dtype) {
  constexpr int kPacksPerRow = api::kDQk / kPack;
  for (std::int64_t i = first_index(); i < tokens * kPacksPerRow; i += index_step()) {
    const std::int64_t element = rows[i / kPacksPerRow] * api::kDQk + i % kPacksPerRow * kPack;
    store_to_all(kv, element, random_pack(seed, workload::Tensor::kv, element, dtype));
  }
}

__global__ void v_kernel(Copies v, const std::uint16_t* kv, int v_column) {
  constexpr int kPacksPerRow = api::kDV / kPack;
  for (std::int64_t i = first_index(); i < v.elements / kPack; i += index_step()) {
    const std::int64_t row = i / kPacksPerRow;
    const std::int64_t column = i % kPacksPerRow * kPack;
    store_to_all(v, row * api::kDV + column,
                 *reinterpret_cast<const Pack*>(kv + row * api::kDQk + v_column + column));
  }
}

__global__ void q_kernel(std::uint16_t* q, std::int64_t elements, std::uint64_t seed,
                         api::Dtype dtype) {
  for (std::int64_t i = first_index(); i < elements / kPack; i += index_step())
    *reinterpret_cast<Pack*>(q + i * kPack) =
        random_pack(seed, workload::Tensor::q, i * kPack, dtype);
}

}  // namespace

void fill_bits(std::uint16_t* data, std::int64_t count, std::uint16_t bits, cudaStream_t stream) {
  launch_bits(data, count, bits, stream);
}

void fill_bits(std::uint32_t* data, std::int64_t count, std::uint32_t bits, cudaStream_t stream) {
  launch_bits(data, count, bits, stream);
}

void fill_kv(const Copies& kv, const api::MlaProblem& p, const api::MlaTensors& tensors,
             std::uint64_t seed, cudaStream_t stream) {
  constexpr std::uint32_t kNanPair = workload::kNan16 * 0x10001u;
  fill_bits(reinterpret_cast<std::uint32_t*>(kv.first), kv.elements * kv.count / 2, kNanPair,
            stream);
  for (int r = 0; r < p.batch(); ++r) {
    if (p.n_kv[r] == 0) continue;
    rows_kernel<<<ctas_for(p.n_kv[r] * (api::kDQk / kPack)), kThreads, 0, stream>>>(
        kv, api::cache_rows(p, tensors, r), p.n_kv[r], seed, p.dtype);
    MLAWAVE_CUDA_CHECK(cudaGetLastError());
  }
}

void fill_v(const Copies& v, const Copies& kv, const api::MlaProblem& p, cudaStream_t stream) {
  v_kernel<<<ctas_for(v.elements / kPack), kThreads, 0, stream>>>(v, kv.first,
                                                                  api::v_column(p.layout));
  MLAWAVE_CUDA_CHECK(cudaGetLastError());
}

void fill_q(std::uint16_t* q, const api::MlaProblem& p, std::uint64_t seed, cudaStream_t stream) {
  const std::int64_t elements = static_cast<std::int64_t>(p.batch()) * p.rows() * api::kDQk;
  q_kernel<<<ctas_for(elements / kPack), kThreads, 0, stream>>>(q, elements, seed, p.dtype);
  MLAWAVE_CUDA_CHECK(cudaGetLastError());
}

}  // namespace mlawave::measure
