/* FlashMLA's dense decode kernel as a plugin, to be measured beside ours in one run. This is only the
 * adapter: the kernels come from a FlashMLA checkout on the include path. See README.md. */
#include "mlawave_plugin.h"

#include <climits>
#include <cmath>
#include <cstdio>
#include <memory>
#include <vector>

// Included, not linked, so that one command builds the plugin and nothing of it needs PyTorch.
#if __has_include("kernels/sm90/decode/dense/splitkv_mla.cuh")
#include "kernels/sm90/decode/dense/splitkv_mla.cuh"
#include "kernels/smxx/decode/combine/combine.cu"
#include "kernels/smxx/decode/get_decoding_sched_meta/get_decoding_sched_meta.cu"
namespace flash = sm90::decode::dense;
#else  // checkouts before csrc/kernels
#include "sm90/decode/dense/splitkv_mla.cuh"
#include "smxx/decode/combine/combine.cu"
#include "smxx/decode/get_decoding_sched_meta/get_decoding_sched_meta.cu"
namespace flash = sm90;
#endif

namespace {

// As in FlashMLA's own interface: a page has 64 tokens, a CTA 64 query rows, and a request costs its
// scheduler 5 blocks on top of its own.
constexpr int kPage = 64, kTile = 64, kOverhead = 5;
constexpr int kMaxParts = 160, kMaxBatch = 8192;  // of the combine; of the metadata's shared memory

int tiles(const mlawave_problem& p) { return (p.heads * p.s_q + kTile - 1) / kTile; }
int parts(const mlawave_request& r) { return r.sms > tiles(*r.problem) ? r.sms / tiles(*r.problem) : 1; }

struct Plan {
  DenseAttnDecodeParams main{};
  CombineParams combine{};
  bool f16 = true;
  std::vector<void*> buffers;
  ~Plan() {
    for (void* b : buffers) cudaFree(b);
  }
  template <class T>
  T* device(size_t count, const T* from = nullptr) {
    void* b = nullptr;
    if (cudaMalloc(&b, count * sizeof(T)) != cudaSuccess) return nullptr;
    buffers.push_back(b);
    if (from && cudaMemcpy(b, from, count * sizeof(T), cudaMemcpyHostToDevice) != cudaSuccess) return nullptr;
    return static_cast<T*>(b);
  }
};

int failed(cudaError_t code, const char* call, char* error, size_t size) {
  if (code != cudaSuccess) snprintf(error, size, "%s: %s", call, cudaGetErrorString(code));
  return code;
}

int supports(const mlawave_kernel*, const mlawave_request* r, char* reason, size_t n) {
  const mlawave_problem& p = *r->problem;
  const auto no = [&](auto... text) { return snprintf(reason, n, text...), 0; };
  if (p.dtype > MLAWAVE_BF16) return no("dtype %u is not known here", p.dtype);
  if (p.layout != MLAWAVE_NOPE_ROPE) return no("FlashMLA's V is columns 0..511: needs layout nope_rope");
  if (parts(*r) > kMaxParts) return no("FlashMLA's combine takes at most %d parts, not %d", kMaxParts, parts(*r));
  if (p.batch > kMaxBatch) return no("at most %d requests, not %d", kMaxBatch, p.batch);
  if ((int64_t(p.batch) + parts(*r)) * p.heads * p.s_q * MLAWAVE_D_V > INT_MAX)
    return no("FlashMLA's combine has 32-bit offsets, too small for these partial results");
  for (int i = 0; i < p.batch; ++i) {
    if (p.kv_begin[i] % kPage)
      return no("request %d begins at row %lld, no multiple of FlashMLA's page of %d", i, (long long)p.kv_begin[i], kPage);
    if (p.kv_begin[i] + (p.n_kv[i] + kPage - 1) / kPage * kPage > p.kv_rows)
      return no("the last page of request %d reaches past the cache", i);
    if (p.n_kv[i] < p.s_q)
      return no("request %d has a query that sees no token, where FlashMLA's lse is +inf", i);
  }
  return 1;
}

// What a decode step does once for all layers is done here and not timed: the tile scheduler's metadata
// and the page table. The table is the identity, as the cache is contiguous.
int plan_create(const mlawave_kernel*, const mlawave_request* r, void** out, char* error, size_t n) {
  const mlawave_problem& p = *r->problem;
  auto plan = std::make_unique<Plan>();
  const int rows = p.heads * p.s_q, splits = p.batch + parts(*r);
  std::vector<int> seqlens(p.n_kv, p.n_kv + p.batch);
  int pages = 1;
  for (int s : seqlens) pages = std::max(pages, (s + kPage - 1) / kPage);
  std::vector<int> table(size_t(p.batch) * pages);
  for (int i = 0; i < p.batch; ++i)
    for (int j = 0; j < pages && j * kPage < seqlens[i]; ++j)
      table[size_t(i) * pages + j] = int(p.kv_begin[i] / kPage) + j;

  DenseAttnDecodeParams& m = plan->main;
  m.b = p.batch, m.s_q = p.s_q, m.h_q = p.heads, m.h_k = 1;
  m.q_seq_per_hk = rows, m.q_head_per_hk = p.heads;  // row = token · heads + head, our [s_q, heads]
  m.d = MLAWAVE_D_QK, m.d_v = MLAWAVE_D_V;
  m.num_blocks = int(p.kv_rows / kPage), m.page_block_size = kPage;
  m.is_causal = p.s_q > 1;
  m.scale_softmax = p.scale, m.scale_softmax_log2 = float(p.scale * M_LOG2E);
  m.q_row_stride = m.q_head_stride = m.k_row_stride = m.k_head_stride = MLAWAVE_D_QK;
  m.o_row_stride = MLAWAVE_D_V;
  m.q_batch_stride = int64_t(rows) * MLAWAVE_D_QK, m.k_batch_stride = int64_t(kPage) * MLAWAVE_D_QK;
  m.o_batch_stride = m.o_head_stride = int64_t(rows) * MLAWAVE_D_V;
  m.block_table_batch_stride = pages;
  m.num_sm_parts = parts(*r), m.total_num_splits = splits;
  m.block_table = plan->device(table.size(), table.data());
  m.seqlens_k_ptr = plan->device(seqlens.size(), seqlens.data());
  m.tile_scheduler_metadata_ptr = plan->device<DecodingSchedMeta>(m.num_sm_parts);
  m.num_splits_ptr = plan->device<int>(p.batch + 1);
  m.softmax_lseaccum_ptr = plan->device<float>(size_t(splits) * rows);
  m.oaccum_ptr = plan->device<float>(size_t(splits) * rows * MLAWAVE_D_V);
  plan->f16 = p.dtype == MLAWAVE_F16;
  if (plan->buffers.size() != 6 || !m.block_table || !m.seqlens_k_ptr)
    return snprintf(error, n, "device memory: %s", cudaGetErrorString(cudaGetLastError())), 1;

  GetDecodeSchedMetaParams meta = {p.batch, p.s_q, kPage, kOverhead, -1, -1, nullptr, nullptr, m.seqlens_k_ptr,
                                   m.tile_scheduler_metadata_ptr, m.num_splits_ptr, m.num_sm_parts, nullptr};
  smxx::decode::run_get_decoding_sched_meta_kernel(meta);
  if (int code = failed(cudaDeviceSynchronize(), "metadata", error, n)) return code;

  plan->combine = {p.batch, p.s_q, p.heads, MLAWAVE_D_V,
                   nullptr, nullptr, rows, p.heads, rows * MLAWAVE_D_V, p.heads * MLAWAVE_D_V, MLAWAVE_D_V,
                   m.softmax_lseaccum_ptr, m.oaccum_ptr, rows, p.heads, rows * MLAWAVE_D_V,
                   p.heads * MLAWAVE_D_V, MLAWAVE_D_V,
                   m.tile_scheduler_metadata_ptr, m.num_splits_ptr, m.num_sm_parts, nullptr, nullptr};
  *out = plan.release();
  return 0;
}

template <class T>
void enqueue(DenseAttnDecodeParams main, CombineParams combine, bool whole) {
  flash::run_flash_splitkv_mla_kernel<T>(main);
  if (whole) smxx::decode::run_flash_mla_combine_kernel<T>(combine);
}

int launch(void* opaque, const mlawave_tensors* t, uint32_t phase, void* stream, char* error, size_t n) {
  const Plan& plan = *static_cast<const Plan*>(opaque);
  DenseAttnDecodeParams main = plan.main;
  CombineParams combine = plan.combine;
  main.q_ptr = const_cast<void*>(t->q), main.k_ptr = const_cast<void*>(t->kv);
  main.o_ptr = combine.out = t->out, main.softmax_lse_ptr = combine.lse = t->lse;
  main.stream = combine.stream = static_cast<cudaStream_t>(stream);
  if (plan.f16) enqueue<cutlass::half_t>(main, combine, phase == MLAWAVE_PHASE_WHOLE);
  else enqueue<cutlass::bfloat16_t>(main, combine, phase == MLAWAVE_PHASE_WHOLE);
  return failed(cudaGetLastError(), "flashmla", error, n);
}

void plan_destroy(void* plan) { delete static_cast<Plan*>(plan); }

}  // namespace

extern "C" const mlawave_plugin* mlawave_plugin_entry(void) {
  static const mlawave_kernel kernel = {sizeof(mlawave_kernel), MLAWAVE_BACKEND_CUDA, "flashmla",
      "FlashMLA's dense decode for sm_90a", 0, 0, supports, plan_create, nullptr, launch, plan_destroy};
  static const mlawave_kernel* const kernels[] = {&kernel};
  static const mlawave_plugin plugin = {sizeof(mlawave_plugin), MLAWAVE_PLUGIN_ABI_VERSION, "flashmla",
                                        FLASHMLA_VERSION, 1, kernels};
  return &plugin;
}
