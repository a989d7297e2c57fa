// A row block is 16 query rows of one request. For a group of row blocks, one launch each:
//   1. scores   S = Q Kᵀ · scale              [block][16][stride], fp64, -inf where masked
//   2. softmax  lse, and P = exp(S - lse) in place
//   3. values   O = P V
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <algorithm>
#include <cmath>

#include "kernels/api/cache_rows.h"
#include "kernels/cuda/base/error.h"
#include "kernels/cuda/reference/reference.h"

namespace mlawave::cuda {
namespace {

constexpr int kRows = 16;     // query rows of a block
constexpr int kTokens = 64;   // cache rows that a CTA holds in shared memory
constexpr int kColumns = 32;  // columns that a CTA holds in shared memory
constexpr int kThreads = 256;
constexpr int kRowsPerThread = 4;
constexpr int kVColumns = kThreads / (kRows / kRowsPerThread);  // columns of O of one CTA: 64
constexpr std::size_t kScoreBytes = std::size_t{256} << 20;

struct Block {
  int request, first_row;
  long long n_kv;
  api::CacheRows rows;
};

struct Shape {
  int heads, s_q, v_column;
  long long stride;  // scores of one row
  double scale;

  __device__ int rows() const { return heads * s_q; }
  // Token t is seen by query token j of s_q when t < visible.
  __device__ long long visible(const Block& b, int row) const {
    const long long seen = b.n_kv - (s_q - 1 - row / heads);
    return seen > 0 ? seen : 0;
  }
};

__device__ double to_double(__half x) { return __half2float(x); }
__device__ double to_double(__nv_bfloat16 x) { return __bfloat162float(x); }

// One thread: 4 rows × 1 token.
template <class T>
__global__ void __launch_bounds__(kThreads)
    scores_kernel(const T* q, const T* kv, const Block* blocks, Shape shape, double* scores) {
  __shared__ double sQ[kRows][kColumns];
  __shared__ double sK[kTokens][kColumns + 1];
  const Block b = blocks[blockIdx.y];
  const long long first_token = static_cast<long long>(blockIdx.x) * kTokens;
  if (first_token >= b.n_kv) return;
  const int token = threadIdx.x % kTokens;
  const int row = threadIdx.x / kTokens * kRowsPerThread;
  const T* gQ = q + static_cast<long long>(b.request) * shape.rows() * api::kDQk;
  double sum[kRowsPerThread] = {};
  for (int column = 0; column < api::kDQk; column += kColumns) {
    __syncthreads();
    for (int i = threadIdx.x; i < kRows * kColumns; i += kThreads) {
      const int r = b.first_row + i / kColumns;
      sQ[i / kColumns][i % kColumns] =
          r < shape.rows() ? to_double(gQ[r * api::kDQk + column + i % kColumns]) : 0;
    }
    for (int i = threadIdx.x; i < kTokens * kColumns; i += kThreads) {
      const long long t = first_token + i / kColumns;
      sK[i / kColumns][i % kColumns] =
          t < b.n_kv ? to_double(kv[b.rows[t] * api::kDQk + column + i % kColumns]) : 0;
    }
    __syncthreads();
    for (int c = 0; c < kColumns; ++c)
      for (int r = 0; r < kRowsPerThread; ++r) sum[r] += sQ[row + r][c] * sK[token][c];
  }
  const long long t = first_token + token;
  if (t >= b.n_kv) return;
  for (int r = 0; r < kRowsPerThread; ++r)
    if (b.first_row + row + r < shape.rows())
      scores[(static_cast<long long>(blockIdx.y) * kRows + row + r) * shape.stride + t] =
          t < shape.visible(b, b.first_row + row + r) ? sum[r] * shape.scale : -INFINITY;
}

// Same value in every thread.
template <class Combine>
__device__ double over_cta(double mine, Combine combine) {
  __shared__ double part[kThreads];
  part[threadIdx.x] = mine;
  for (int half = kThreads / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half)
      part[threadIdx.x] = combine(part[threadIdx.x], part[threadIdx.x + half]);
  }
  __syncthreads();
  const double all = part[0];
  __syncthreads();
  return all;
}

// One CTA a row.
__global__ void __launch_bounds__(kThreads)
    softmax_kernel(const Block* blocks, Shape shape, double* scores, double* lse) {
  const Block b = blocks[blockIdx.y];
  const int row = b.first_row + blockIdx.x;
  if (row >= shape.rows()) return;
  const long long visible = shape.visible(b, row);
  double* s = scores + (static_cast<long long>(blockIdx.y) * kRows + blockIdx.x) * shape.stride;
  double largest = -INFINITY;
  for (long long t = threadIdx.x; t < visible; t += kThreads) largest = fmax(largest, s[t]);
  largest = over_cta(largest, [](double x, double y) { return fmax(x, y); });
  double sum = 0;
  for (long long t = threadIdx.x; t < visible; t += kThreads) sum += exp(s[t] - largest);
  sum = over_cta(sum, [](double x, double y) { return x + y; });
  const double row_lse = visible > 0 ? largest + log(sum) : -INFINITY;
  for (long long t = threadIdx.x; t < b.n_kv; t += kThreads)
    s[t] = t < visible ? exp(s[t] - row_lse) : 0;
  if (threadIdx.x == 0) lse[static_cast<long long>(b.request) * shape.rows() + row] = row_lse;
}

// One thread: 4 rows × 1 column of O.
template <class T>
__global__ void __launch_bounds__(kThreads)
    values_kernel(const T* kv, const Block* blocks, Shape shape, const double* p, double* out) {
  __shared__ double sP[kRows][kTokens];
  __shared__ double sV[kTokens][kVColumns];
  const Block b = blocks[blockIdx.y];
  const int first_column = blockIdx.x * kVColumns;
  const int column = threadIdx.x % kVColumns;
  const int row = threadIdx.x / kVColumns * kRowsPerThread;
  const T* gV = kv + shape.v_column + first_column;
  const double* gP = p + static_cast<long long>(blockIdx.y) * kRows * shape.stride;
  double sum[kRowsPerThread] = {};
  for (long long first = 0; first < b.n_kv; first += kTokens) {
    __syncthreads();
    for (int i = threadIdx.x; i < kRows * kTokens; i += kThreads) {
      const long long t = first + i % kTokens;
      const int r = i / kTokens;
      sP[r][i % kTokens] =
          t < b.n_kv && b.first_row + r < shape.rows() ? gP[r * shape.stride + t] : 0;
    }
    for (int i = threadIdx.x; i < kTokens * kVColumns; i += kThreads) {
      const long long t = first + i / kVColumns;
      sV[i / kVColumns][i % kVColumns] =
          t < b.n_kv ? to_double(gV[b.rows[t] * api::kDQk + i % kVColumns]) : 0;
    }
    __syncthreads();
    for (int t = 0; t < kTokens; ++t)
      for (int r = 0; r < kRowsPerThread; ++r) sum[r] += sP[row + r][t] * sV[t][column];
  }
  for (int r = 0; r < kRowsPerThread; ++r)
    if (b.first_row + row + r < shape.rows())
      out[(static_cast<long long>(b.request) * shape.rows() + b.first_row + row + r) * api::kDV +
          first_column + column] = sum[r];
}

template <class T>
void launch_group(const void* q, const void* kv, const Block* blocks, int count, const Shape& shape,
                  double* scores, double* out, double* lse, cudaStream_t stream) {
  const auto rows = static_cast<unsigned>(count);
  const auto token_tiles = static_cast<unsigned>((shape.stride + kTokens - 1) / kTokens);
  scores_kernel<<<dim3(token_tiles, rows), kThreads, 0, stream>>>(
      static_cast<const T*>(q), static_cast<const T*>(kv), blocks, shape, scores);
  MLAWAVE_CUDA_CHECK(cudaGetLastError());
  softmax_kernel<<<dim3(kRows, rows), kThreads, 0, stream>>>(blocks, shape, scores, lse);
  MLAWAVE_CUDA_CHECK(cudaGetLastError());
  values_kernel<<<dim3(api::kDV / kVColumns, rows), kThreads, 0, stream>>>(
      static_cast<const T*>(kv), blocks, shape, scores, out);
  MLAWAVE_CUDA_CHECK(cudaGetLastError());
}

std::vector<Block> row_blocks(const api::MlaProblem& p, const api::MlaTensors& tensors) {
  std::vector<Block> blocks;
  for (int r = 0; r < p.batch(); ++r)
    for (int row = 0; row < p.rows(); row += kRows)
      blocks.push_back({r, row, p.n_kv[r], api::cache_rows(p, tensors, r)});
  return blocks;
}

void grow(Buffer<double>& buffer, std::size_t count) {
  if (buffer.size() >= count) return;
  buffer = {};  // first give back, then ask for more
  buffer = Buffer<double>(count);
}

template <class T>
std::vector<T> download(const T* device, std::size_t count, cudaStream_t stream) {
  std::vector<T> host(count);
  if (count > 0)
    MLAWAVE_CUDA_CHECK(
        cudaMemcpyAsync(host.data(), device, count * sizeof(T), cudaMemcpyDeviceToHost, stream));
  MLAWAVE_CUDA_CHECK(cudaStreamSynchronize(stream));
  return host;
}

}  // namespace

reference::Answer Reference::compute(const api::MlaProblem& p, const api::MlaTensors& tensors,
                                     cudaStream_t stream) {
  const std::vector<Block> blocks = row_blocks(p, tensors);
  if (blocks.empty()) return {};
  const std::int64_t longest =
      std::max<std::int64_t>(1, *std::max_element(p.n_kv.begin(), p.n_kv.end()));
  const std::size_t block_scores = static_cast<std::size_t>(longest) * kRows;
  const std::size_t group = std::clamp<std::size_t>(kScoreBytes / (block_scores * sizeof(double)),
                                                    1, std::min<std::size_t>(blocks.size(), 65535));
  const std::size_t rows = static_cast<std::size_t>(p.batch()) * p.rows();
  grow(scores_, group * block_scores);
  grow(out_, rows * api::kDV);
  grow(lse_, rows);
  Buffer<Block> device_blocks(blocks.size());
  MLAWAVE_CUDA_CHECK(cudaMemcpyAsync(device_blocks.data(), blocks.data(), device_blocks.bytes(),
                                     cudaMemcpyHostToDevice, stream));
  const Shape shape{p.heads, p.s_q, api::v_column(p.layout), longest, p.scale};
  for (std::size_t first = 0; first < blocks.size(); first += group) {
    const int count = static_cast<int>(std::min(group, blocks.size() - first));
    const auto launch =
        p.dtype == api::Dtype::f16 ? launch_group<__half> : launch_group<__nv_bfloat16>;
    launch(tensors.q, tensors.kv, device_blocks.data() + first, count, shape, scores_.data(),
           out_.data(), lse_.data(), stream);
  }
  reference::Answer answer;
  answer.out = download(out_.data(), rows * api::kDV, stream);
  answer.lse = download(lse_.data(), rows, stream);
  return answer;
}

}  // namespace mlawave::cuda
