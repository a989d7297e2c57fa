/* A complete plugin: MLA decode on a GPU, slow and right. A warp takes every eighth token of a query row;
 * a lane holds 18 columns of Q and of K, and K's registers are V's. See README.md.
 *   nvcc -O3 -arch=native -shared -Xcompiler -fPIC example_cuda.cu -o example_cuda.so */
#include "mlawave_plugin.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <math.h>
#include <stdio.h>

constexpr int kWarps = 8, kK = MLAWAVE_D_QK / 32, kV = MLAWAVE_D_V / 32;

struct Plan {
  mlawave_problem p;
  int sms;
  long long* n_kv;  // [2 * batch] on the device: n_kv, then kv_begin
};

template <class T>
__global__ void decode(mlawave_problem p, const long long* n_kv, const T* q, const T* kv, T* out, float* lse) {
  __shared__ float o_of[kWarps][MLAWAVE_D_V], m_of[kWarps], sum_of[kWarps];
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32, rows = p.heads * p.s_q;
  const int v = p.layout == MLAWAVE_ROPE_NOPE ? MLAWAVE_D_ROPE / 32 : 0;  // first register of V in K's
  for (long long row = blockIdx.x; row < (long long)p.batch * rows; row += gridDim.x) {
    const int request = row / rows, query = row % rows / p.heads;
    const long long tokens = n_kv[request] - (p.s_q - 1 - query), first = n_kv[p.batch + request];
    float rQ[kK], rO[kV] = {}, m = -INFINITY, sum = 0;
    for (int i = 0; i < kK; ++i) rQ[i] = float(q[row * MLAWAVE_D_QK + 32 * i + lane]) * p.scale;
    for (long long t = warp; t < tokens; t += kWarps) {
      float rK[kK], s = 0;
      for (int i = 0; i < kK; ++i) {
        rK[i] = float(kv[(first + t) * MLAWAVE_D_QK + 32 * i + lane]);
        s += rQ[i] * rK[i];
      }
      for (int other = 16; other > 0; other /= 2) s += __shfl_xor_sync(~0u, s, other);
      const float m_new = fmaxf(m, s), shrink = expf(m - m_new), weight = expf(s - m_new);
      for (int i = 0; i < kV; ++i) rO[i] = rO[i] * shrink + weight * (v ? rK[i + 2] : rK[i]);
      sum = sum * shrink + weight;
      m = m_new;
    }
    for (int i = 0; i < kV; ++i) o_of[warp][32 * i + lane] = rO[i];
    if (lane == 0) m_of[warp] = m, sum_of[warp] = sum;
    __syncthreads();
    m = -INFINITY, sum = 0;
    for (int w = 0; w < kWarps; ++w) m = fmaxf(m, m_of[w]);
    for (int w = 0; w < kWarps; ++w) sum += sum_of[w] == 0 ? 0 : sum_of[w] * expf(m_of[w] - m);
    for (int d = threadIdx.x; d < MLAWAVE_D_V; d += 32 * kWarps) {
      float o = 0;
      for (int w = 0; w < kWarps; ++w) o += sum_of[w] == 0 ? 0 : o_of[w][d] * expf(m_of[w] - m);
      out[row * MLAWAVE_D_V + d] = T(sum == 0 ? 0.f : o / sum);
    }
    if (threadIdx.x == 0) lse[row] = sum == 0 ? -INFINITY : m + logf(sum);
    __syncthreads();  // before the next row overwrites what is read above
  }
}

static int failed(cudaError_t code, const char* call, char* error, size_t size) {
  if (code != cudaSuccess) snprintf(error, size, "%s: %s", call, cudaGetErrorString(code));
  return code;
}

static int plan_create(const mlawave_kernel*, const mlawave_request* r, void** plan, char* error,
                       size_t error_size) {
  Plan* p = new Plan{*r->problem, r->sms, nullptr};
  const size_t bytes = p->p.batch * sizeof(int64_t);
  *plan = p;
  int code = failed(cudaMalloc(&p->n_kv, 2 * bytes), "cudaMalloc", error, error_size);
  if (!code) code = failed(cudaMemcpy(p->n_kv, p->p.n_kv, bytes, cudaMemcpyHostToDevice), "cudaMemcpy", error, error_size);
  if (!code) code = failed(cudaMemcpy(p->n_kv + p->p.batch, p->p.kv_begin, bytes, cudaMemcpyHostToDevice), "cudaMemcpy", error, error_size);
  if (code) cudaFree(p->n_kv), delete p;
  return code;
}

template <class T>
static void enqueue(const Plan& p, const mlawave_tensors& t, cudaStream_t stream) {
  decode<T><<<4 * p.sms, 32 * kWarps, 0, stream>>>(p.p, p.n_kv, static_cast<const T*>(t.q),
                                                   static_cast<const T*>(t.kv), static_cast<T*>(t.out), t.lse);
}

static int launch(void* plan, const mlawave_tensors* t, uint32_t /*phase*/, void* stream, char* error,
                  size_t error_size) {
  const Plan& p = *static_cast<const Plan*>(plan);
  if (p.p.dtype == MLAWAVE_F16) enqueue<__half>(p, *t, static_cast<cudaStream_t>(stream));
  else enqueue<__nv_bfloat16>(p, *t, static_cast<cudaStream_t>(stream));
  return failed(cudaGetLastError(), "decode", error, error_size);
}

static int supports(const mlawave_kernel*, const mlawave_request* r, char* reason, size_t n) {
  if (r->problem->dtype <= MLAWAVE_BF16 && r->problem->layout <= MLAWAVE_NOPE_ROPE) return 1;
  return snprintf(reason, n, "dtype %u, layout %u: not known here", r->problem->dtype, r->problem->layout), 0;
}

static void plan_destroy(void* plan) {
  cudaFree(static_cast<Plan*>(plan)->n_kv);
  delete static_cast<Plan*>(plan);
}

extern "C" const mlawave_plugin* mlawave_plugin_entry(void) {
  static const mlawave_kernel kernel = {sizeof(mlawave_kernel), MLAWAVE_BACKEND_CUDA, "example_cuda",
      "one row a CTA, a token a warp (example plugin)", 0, 0, supports, plan_create, nullptr, launch, plan_destroy};
  static const mlawave_kernel* const kernels[] = {&kernel};
  static const mlawave_plugin plugin = {sizeof(mlawave_plugin), MLAWAVE_PLUGIN_ABI_VERSION, "example_cuda",
                                        "1.0", 1, kernels};
  return &plugin;
}
