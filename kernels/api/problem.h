// The MLA decode problem: one attention step over a compressed (latent) KV cache.
//
//   S = Q Kᵀ · scale,  P = softmax(S),  O = P V,  lse = log Σ exp(S)
//
// absorbed ("MQA") form: one KV head, K is 576 wide, V is the 512 non-rotary columns of K itself.
// Source: DeepSeek-V2 (arXiv:2405.04434), section 2.1; shapes as in FlashMLA and llama.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace mlawave::api {

inline constexpr int kDQk = 576;    // columns of Q and of a cache row
inline constexpr int kDRope = 64;   // rotary columns of a cache row
inline constexpr int kDV = 512;     // columns of V and of the output
static_assert(kDQk == kDRope + kDV);

enum class Backend { cuda, cpu, model };     // model: predicted, never measured
enum class Dtype { f16, bf16 };              // of Q, cache and output; accumulation is f32
enum class Layout { rope_nope, nope_rope };  // order of the columns in a cache row

std::string_view to_string(Backend);
std::string_view to_string(Dtype);
std::string_view to_string(Layout);
std::optional<Backend> parse_backend(std::string_view);
std::optional<Dtype> parse_dtype(std::string_view);
std::optional<Layout> parse_layout(std::string_view);

// First column of V inside a cache row.
constexpr int v_column(Layout layout) { return layout == Layout::rope_nope ? kDRope : 0; }

// Softmax scale of DeepSeek-V2/V3 without YaRN: 1/sqrt(192), 192 = 128 (NoPE) + 64 (RoPE).
inline constexpr float kDefaultScale = 0.0721687836f;

inline constexpr int kMaxPageSize = 1024;

struct MlaProblem {
  int heads = 16;                         // query heads, 1..128
  int s_q = 1;                            // new tokens per request, 1..8; causal among themselves
  std::vector<std::int64_t> n_kv;         // [batch] cached tokens per request, new ones included; may be 0
  // The cache is one of two; CacheRows (cache_rows.h) is the rule from token to cache row.
  //   page_size 0  contiguous: the tokens of request r are the rows from kv_begin[r] on
  //   page_size p  paged, [pages(), p, 576]: token i of request r is row i % p of the page
  //                block_table[r][i / p] (MlaTensors); kv_begin is empty
  int page_size = 0;                      // tokens per page: 0 or a power of two, 1..kMaxPageSize
  std::vector<std::int64_t> kv_begin;     // [batch] first cache row of each request
  Dtype dtype = Dtype::f16;
  Layout layout = Layout::rope_nope;
  float scale = kDefaultScale;

  int batch() const { return static_cast<int>(n_kv.size()); }
  int rows() const { return heads * s_q; }  // query rows per request
  std::int64_t total_kv() const;            // Σ n_kv
  std::int64_t kv_rows() const;             // rows a cache must have to hold every request, padding included
  std::int64_t pages() const;               // of a paged cache, an unused one for each request included
  std::int64_t max_pages() const;           // entries in a row of the block table, an unused one included
  // Query token j of s_q sees the first visible(r, j) tokens of request r.
  std::int64_t visible(int request, int j) const;

  double flops() const;  // 2·(576 + 512) per query row and KV token
  // Least bytes from device memory: each cache row (1152 B), block-table entry, Q, O and lse once.
  double bytes() const;
};

// A problem whose requests lie one behind the other, each padded to a multiple of 64 rows plus
// one guard block of 64, so that a kernel that reads past n_kv is caught (see harness/workload). With
// a page_size: a paged one; where its requests lie is the block table's to say.
MlaProblem make_problem(std::vector<std::int64_t> n_kv, int heads, int s_q, Dtype, Layout,
                        float scale = kDefaultScale, int page_size = 0);

}  // namespace mlawave::api
