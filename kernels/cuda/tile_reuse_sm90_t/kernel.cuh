// Decode attention on Hopper, transposed so that no tensor-core row is padding:
//   Sᵀ[64 tokens × Rows] = K Qᵀ        M = tokens,    A = the K tile, K-major
//   Oᵀ[512 columns × Rows] += Vᵀ Pᵀ    M = V columns, A = the same tile, read transposed
// A producer warp keeps 64-token tiles in flight through the copy engine. With 16 and 64 rows two
// warpgroups compute: each has the scores of half of the rows and keeps half of the V columns. With
// 128 rows two CTAs of a cluster have 64 each and send one another half of every tile.
#pragma once

#include "kernels/cuda/ptx/mma.h"
#include "kernels/cuda/ptx/wgmma.h"
#include "kernels/cuda/tile/leave.cuh"
#include "kernels/cuda/tile/row_sum.cuh"
#include "kernels/cuda/tile_reuse_sm90_t/produce.cuh"

namespace mlawave::cuda::tile_reuse_sm90_t {

// What one thread keeps for a head tile. Of every eight rows it has 2·(lane%4) + e, e = 0, 1.
template <int Rows>
struct State {
  float o[Shape<Rows>::kValueBlocks][Rows / 2];  // V columns 64·b + 16·warp + lane/4 (+ 8)
  float m[Shape<Rows>::kScoreRows / 8][2];       // of the rows its warpgroup scores; not scaled
  float l[Shape<Rows>::kScoreRows / 8][2];       // this thread's tokens only
};

// A thread's place.
struct Lane {
  int warp = threadIdx.x / 32 % 4;   // of the warpgroup
  int group = threadIdx.x / 128;     // warpgroup
  int token = threadIdx.x % 32 / 4;  // or V column
  int row = 2 * (threadIdx.x % 4);
};

template <int Rows>
__device__ __forceinline__ void clear(State<Rows>& state) {
#pragma unroll
  for (int b = 0; b < Shape<Rows>::kValueBlocks; ++b)
#pragma unroll
    for (int i = 0; i < Rows / 2; ++i) state.o[b][i] = 0.f;
#pragma unroll
  for (int j = 0; j < Shape<Rows>::kScoreRows / 8; ++j)
#pragma unroll
    for (int e = 0; e < 2; ++e) state.m[j][e] = -INFINITY, state.l[j][e] = 0.f;
}

template <int Rows>
__device__ __forceinline__ void sync_consumers() {
  asm volatile("bar.sync 1, %0;" ::"n"(Shape<Rows>::kConsumers) : "memory");
}

// Sᵀ = K Qᵀ for the warpgroup's rows, as the groups of columns arrive; complete on return.
template <api::Dtype D, int Rows, int BlockBytes>
__device__ __forceinline__ void score_tile(float (&s)[Shape<Rows>::kScoreRows / 2],
                                           std::uint32_t stage, std::uint32_t q,
                                           const Barriers& barriers, int index, int parity) {
  constexpr int kN = Shape<Rows>::kScoreRows, kChains = Shape<Rows>::kScoreChains;
  float part[kChains][kN / 2] = {};
  const std::uint64_t a0 = ptx::wgmma_descriptor(stage);
  const std::uint64_t b0 = ptx::wgmma_descriptor(q + threadIdx.x / 128 * kN * 128);
#pragma unroll
  for (auto& chain : part) ptx::pin(chain);
#pragma unroll
  for (int g = 0; g < kGroups; ++g) {
    ptx::mbarrier_wait(barriers.full(index, g), parity);
    ptx::wgmma_fence();
#pragma unroll
    for (int c = g * kGroupBlocks; c < (g + 1) * kGroupBlocks; ++c)
#pragma unroll
      for (int k = 0; k < 4; ++k)
        ptx::wgmma_m64k16<D, kN, false>(part[(4 * c + k) % kChains],
                                        ptx::advance(a0, c * BlockBytes + k * 32),
                                        ptx::advance(b0, c * Rows * 128 + k * 32));
    ptx::wgmma_commit();
  }
  ptx::wgmma_wait<0>();
#pragma unroll
  for (auto& chain : part) ptx::pin(chain);
#pragma unroll
  for (int i = 0; i < kN / 2; ++i) {
    s[i] = part[0][i];
#pragma unroll
    for (int chain = 1; chain < kChains; ++chain) s[i] += part[chain][i];
  }
}

// The same where the warpgroups share the columns: half of every block each, for all rows.
template <api::Dtype D, int Rows, int BlockBytes>
__device__ __forceinline__ void score_tile_by_columns(float (&s)[Shape<Rows>::kScoreRows / 2],
                                                      std::uint32_t stage, std::uint32_t q,
                                                      const Barriers& barriers, int index,
                                                      int parity, char* shared) {
  static_assert(Shape<Rows>::kScoreRows == 8 && Rows == 16);
  constexpr int kChains = Shape<Rows>::kScoreChains;
  const int group = threadIdx.x / 128;
  float part[kChains][Rows / 2] = {};
  const std::uint64_t a0 = ptx::wgmma_descriptor(stage + group * 64);
  const std::uint64_t b0 = ptx::wgmma_descriptor(q + group * 64);
#pragma unroll
  for (auto& chain : part) ptx::pin(chain);
#pragma unroll
  for (int g = 0; g < kGroups; ++g) {
    ptx::mbarrier_wait(barriers.full(index, g), parity);
    ptx::wgmma_fence();
#pragma unroll
    for (int c = g * kGroupBlocks; c < (g + 1) * kGroupBlocks; ++c)
#pragma unroll
      for (int k = 0; k < 2; ++k)
        ptx::wgmma_m64k16<D, Rows, false>(part[(2 * c + k) % kChains],
                                          ptx::advance(a0, c * BlockBytes + k * 32),
                                          ptx::advance(b0, c * Rows * 128 + k * 32));
    ptx::wgmma_commit();
  }
  ptx::wgmma_wait<0>();
#pragma unroll
  for (auto& chain : part) ptx::pin(chain);
  float sum[Rows / 2];
#pragma unroll
  for (int i = 0; i < Rows / 2; ++i) {
    sum[i] = part[0][i];
#pragma unroll
    for (int chain = 1; chain < kChains; ++chain) sum[i] += part[chain][i];
  }
  // The first half of the sums is of the first warpgroup's rows.
  float4* sSwap = reinterpret_cast<float4*>(shared + Shape<Rows>::kSwap);
  sSwap[threadIdx.x] = group == 0 ? make_float4(sum[4], sum[5], sum[6], sum[7])
                                  : make_float4(sum[0], sum[1], sum[2], sum[3]);
  sync_consumers<Rows>();
  const float4 other = sSwap[threadIdx.x ^ 128];
  s[0] = (group == 0 ? sum[0] : sum[4]) + other.x;
  s[1] = (group == 0 ? sum[1] : sum[5]) + other.y;
  s[2] = (group == 0 ? sum[2] : sum[6]) + other.z;
  s[3] = (group == 0 ? sum[3] : sum[7]) + other.w;
}

// Rows first … last-1 of the stage's V columns become zero: P is 0 there, but 0 · NaN is NaN.
template <int Rows, int BlockBytes>
__device__ __forceinline__ void zero_rows(char* stage, int v_block, int first, int last) {
  for (int i = 8 * first + threadIdx.x; i < 8 * last; i += Shape<Rows>::kConsumers)
#pragma unroll
    for (int b = 0; b < kVBlocks; ++b)
      *reinterpret_cast<uint4*>(stage + (v_block + b) * BlockBytes + i * 16) =
          make_uint4(0, 0, 0, 0);
}

// A tile may end before the request does (at a segment's end), and query rows see causally.
template <int N>
__device__ __forceinline__ void mask(const DecodeArgs& args, const Item& tile, int first_row,
                                     float (&s)[N / 2]) {
  const Lane lane;
  const int token = tile.token + 16 * lane.warp + lane.token;
#pragma unroll
  for (int j = 0; j < N / 8; ++j)
#pragma unroll
    for (int e = 0; e < 2; ++e) {
      int seen = tile.token + tile.count;
      if (args.s_q > 1) {
        const int row = min(first_row + 8 * j + lane.row + e, args.rows() - 1);
        seen = min(static_cast<int>(args.visible(tile.n_kv, row)), seen);
      }
      if (token >= seen) s[4 * j + e] = -INFINITY;
      if (token + 8 >= seen) s[4 * j + 2 + e] = -INFINITY;
    }
}

// Online softmax over the tokens (the rows of Sᵀ). Leaves Pᵀ and the factors by which O shrinks in
// shared memory.
template <api::Dtype D, int Rows>
__device__ __forceinline__ void soften(const DecodeArgs& args,
                                       const float (&s)[Shape<Rows>::kScoreRows / 2],
                                       State<Rows>& state, char* shared) {
  using S = Shape<Rows>;
  constexpr int kN = S::kScoreRows;
  const Lane lane;
  float* sStats = reinterpret_cast<float*>(shared + S::kStats) + lane.group * 4 * kN;
  float* sShrink = reinterpret_cast<float*>(shared + S::kShrink) + lane.group * kN;
  char* sP = shared + S::kP + lane.group * kN * 128;
#pragma unroll
  for (int j = 0; j < kN / 8; ++j) {
    float top[2];
#pragma unroll
    for (int e = 0; e < 2; ++e) {
      top[e] = fmaxf(s[4 * j + e], s[4 * j + 2 + e]);
#pragma unroll
      for (int offset = 4; offset < 32; offset *= 2)
        top[e] = fmaxf(top[e], __shfl_xor_sync(~0u, top[e], offset));
    }
    if (lane.token == 0)
      *reinterpret_cast<float2*>(sStats + lane.warp * kN + 8 * j + lane.row) =
          make_float2(top[0], top[1]);
  }
  sync_consumers<Rows>();  // also: every warpgroup is through with the Pᵀ before this one
#pragma unroll
  for (int j = 0; j < kN / 8; ++j) {
    float top[2] = {state.m[j][0], state.m[j][1]};
#pragma unroll
    for (int w = 0; w < 4; ++w) {
      const float2 x = *reinterpret_cast<const float2*>(sStats + w * kN + 8 * j + lane.row);
      top[0] = fmaxf(top[0], x.x), top[1] = fmaxf(top[1], x.y);
    }
#pragma unroll
    for (int e = 0; e < 2; ++e) {
      // Rounded as base was, so that shrink is 1 to the bit where the maximum stays. A fused
      // product would leave the rounding of base, every tile, in the row's sum.
      const float base_before = __fmul_rn(state.m[j][e], args.scale_log2);
      // A row that saw nothing yet keeps base 0, so that exp2 gives 0 and not NaN.
      const float base = top[e] == -INFINITY ? 0.f : __fmul_rn(top[e], args.scale_log2);
      const float shrink = ptx::exp2_approx(__fsub_rn(base_before, base));
      const float p0 = ptx::exp2_approx(fmaf(s[4 * j + e], args.scale_log2, -base));
      const float p1 = ptx::exp2_approx(fmaf(s[4 * j + 2 + e], args.scale_log2, -base));
      state.m[j][e] = top[e];
      state.l[j][e] = fmaf(state.l[j][e], shrink, p0 + p1);
      // Pᵀ: 64 tokens a row, 16-byte chunks swizzled by the row
      const int row = 8 * j + lane.row + e;
      const std::uint32_t pair = ptx::pack<D>(p0, p1);
      const auto at = [&](int chunk) {
        return reinterpret_cast<std::uint16_t*>(sP + row * 128 + ((chunk ^ row) % 8) * 16 +
                                                lane.token * 2);
      };
      *at(2 * lane.warp) = static_cast<std::uint16_t>(pair);
      *at(2 * lane.warp + 1) = static_cast<std::uint16_t>(pair >> 16);
      if (lane.warp == 0 && lane.token == 0) sShrink[row] = shrink;
    }
  }
}

template <int Rows>
__device__ __forceinline__ void shrink_values(State<Rows>& state, const char* shared) {
  const float* sShrink = reinterpret_cast<const float*>(shared + Shape<Rows>::kShrink);
  const Lane lane;
  float2 shrink[Rows / 8];
  bool any = false;
#pragma unroll
  for (int j = 0; j < Rows / 8; ++j) {
    shrink[j] = *reinterpret_cast<const float2*>(sShrink + 8 * j + lane.row);
    any |= shrink[j].x != 1.f || shrink[j].y != 1.f;
  }
  if (!__any_sync(~0u, any)) return;
#pragma unroll
  for (auto& block : state.o)
#pragma unroll
    for (int j = 0; j < Rows / 8; ++j) {
      block[4 * j] *= shrink[j].x, block[4 * j + 1] *= shrink[j].y;
      block[4 * j + 2] *= shrink[j].x, block[4 * j + 3] *= shrink[j].y;
    }
}

// Oᵀ += Vᵀ Pᵀ for the warpgroup's V columns; complete on return.
template <api::Dtype D, int Rows, int Tokens, int BlockBytes>
__device__ __forceinline__ void add_values(State<Rows>& state, std::uint32_t v, std::uint32_t p) {
  const std::uint64_t a0 = ptx::wgmma_descriptor(v), b0 = ptx::wgmma_descriptor(p);
#pragma unroll
  for (auto& block : state.o) ptx::pin(block);
  ptx::wgmma_fence();
#pragma unroll
  for (int k = 0; k < Tokens / 16; ++k)
#pragma unroll
    for (int b = 0; b < Shape<Rows>::kValueBlocks; ++b)
      ptx::wgmma_m64k16<D, Rows, true>(state.o[b], ptx::advance(a0, b * BlockBytes + k * 16 * 128),
                                       ptx::advance(b0, k * 32));
  ptx::wgmma_commit();
  ptx::wgmma_wait<0>();
#pragma unroll
  for (auto& block : state.o) ptx::pin(block);
}

// For each warp, the largest |O| of every row in the warp's columns: NaN if one is.
template <int Rows>
__device__ __forceinline__ void leave_tops(const State<Rows>& state, char* shared) {
  using S = Shape<Rows>;
  const Lane lane;
  float* sTops =
      reinterpret_cast<float*>(shared + S::kTops) + (lane.group * 4 + lane.warp) * Rows + lane.row;
#pragma unroll
  for (int j = 0; j < Rows / 8; ++j) {
    float top[2];
#pragma unroll
    for (int e = 0; e < 2; ++e) {
      top[e] = kSmallestTop;
#pragma unroll
      for (int b = 0; b < S::kValueBlocks; ++b) {
        top[e] = max_or_nan(top[e], fabsf(state.o[b][4 * j + e]));
        top[e] = max_or_nan(top[e], fabsf(state.o[b][4 * j + 2 + e]));
      }
#pragma unroll
      for (int offset = 4; offset < 32; offset *= 2)
        top[e] = max_or_nan(top[e], __shfl_xor_sync(~0u, top[e], offset));
    }
    if (lane.token == 0) *reinterpret_cast<float2*>(sTops + 8 * j) = make_float2(top[0], top[1]);
  }
}

// In 16 bits a column (packed_columns), with what leave_tops() left. `first_partial_row`: where
// this CTA's row 0 is among the partial results.
template <int Rows>
__device__ __forceinline__ void write_packed(const DecodeArgs& args, std::int64_t first_partial_row,
                                             const State<Rows>& state, const char* shared) {
  using S = Shape<Rows>;
  static_assert(64 * S::kValueBlocks == kScaledColumns && S::kValueBlocks == kPackedColumns / 2);
  const Lane lane;
  const std::int64_t first = first_partial_row + lane.row;
  const float* sTops =
      reinterpret_cast<const float*>(shared + S::kTops) + lane.group * 4 * Rows + lane.row;
  uint4* to = args.packed.o + first * kPackedRow + lane.group * (kPackedRow / kRowScales) +
              lane.warp * 8 + lane.token;
  float* to_scale = args.packed.scale + first * kRowScales + lane.group;
#pragma unroll
  for (int j = 0; j < Rows / 8; ++j) {
    float2 top = *reinterpret_cast<const float2*>(sTops + 8 * j);
#pragma unroll
    for (int w = 1; w < 4; ++w) {
      const float2 other = *reinterpret_cast<const float2*>(sTops + w * Rows + 8 * j);
      top = make_float2(max_or_nan(top.x, other.x), max_or_nan(top.y, other.y));
    }
#pragma unroll
    for (int e = 0; e < 2; ++e) {
      const float scale = (e == 0 ? top.x : top.y) * (1.f / kPackedTop), inverse = 1.f / scale;
      const auto packed = [&](int b) {
        return pack_partial(state.o[b][4 * j + e], state.o[b][4 * j + 2 + e], inverse);
      };
      to[(8 * j + e) * kPackedRow] = make_uint4(packed(0), packed(1), packed(2), packed(3));
      if (lane.warp == 0 && lane.token == 0) to_scale[(8 * j + e) * kRowScales] = scale;
    }
  }
}

template <int Rows>
__device__ __forceinline__ void write_f32(const DecodeArgs& args, std::int64_t first_partial_row,
                                          const State<Rows>& state) {
  using S = Shape<Rows>;
  const Lane lane;
  float* to = args.partial_o + (first_partial_row + lane.row) * api::kDV +
              64 * S::kValueBlocks * lane.group + 16 * lane.warp + lane.token;
#pragma unroll
  for (int j = 0; j < Rows / 8; ++j)
#pragma unroll
    for (int e = 0; e < 2; ++e)
#pragma unroll
      for (int b = 0; b < S::kValueBlocks; ++b) {
        to[(8 * j + e) * api::kDV + 64 * b] = state.o[b][4 * j + e];
        to[(8 * j + e) * api::kDV + 64 * b + 8] = state.o[b][4 * j + 2 + e];
      }
}

// `first_row`, `first_partial_row`: where this CTA's row 0 is in the request and among the partial
// results.
template <api::Dtype D, int Rows>
__device__ __forceinline__ void write_segment(const DecodeArgs& args, const Item& item,
                                              int first_row, std::int64_t first_partial_row,
                                              const State<Rows>& state, char* shared) {
  using S = Shape<Rows>;
  constexpr int kN = S::kScoreRows;
  const Lane lane;
  float* sStats = reinterpret_cast<float*>(shared + S::kStats);
  float* sMaximum = reinterpret_cast<float*>(shared + S::kMaximum);
  const bool is_partial = item.partial >= 0;
  sync_consumers<Rows>();  // every warp has read the maxima, and the last product Pᵀ
#pragma unroll
  for (int j = 0; j < kN / 8; ++j)
#pragma unroll
    for (int e = 0; e < 2; ++e) {
      float l = state.l[j][e];
#pragma unroll
      for (int offset = 4; offset < 32; offset *= 2) l += __shfl_xor_sync(~0u, l, offset);
      const int row = 8 * j + lane.row + e;
      if (lane.token == 0) sStats[(lane.group * 4 + lane.warp) * kN + row] = l;
      if (lane.token == 0 && lane.warp == 0) sMaximum[lane.group * kN + row] = state.m[j][e];
    }
  if constexpr (S::kPartials == PartialFormat::packed_columns)
    if (is_partial) leave_tops(state, shared);
  sync_consumers<Rows>();
  // Maximum and sum of a row.
  const auto stats = [&](int row) {
    float l = 0.f;
#pragma unroll
    for (int w = 0; w < 4; ++w) l += sStats[(row / kN * 4 + w) * kN + row % kN];
    return make_float2(sMaximum[row] * args.scale_log2, l);
  };
  if (is_partial) {
    if constexpr (S::kPartials == PartialFormat::packed_columns)
      write_packed(args, first_partial_row, state, shared);
    else
      write_f32(args, first_partial_row, state);
    if (const int row = threadIdx.x; row < Rows)
      args.partial_ml[first_partial_row + row] = stats(row);
    sync_consumers<Rows>();  // what is in shared memory is read before the next tile replaces it
    return;
  }
  const int column = 64 * S::kValueBlocks * lane.group + 16 * lane.warp + lane.token;
  const bool writes_stats = lane.group == 0 && lane.warp == 0 && lane.token == 0;
#pragma unroll
  for (int j = 0; j < Rows / 8; ++j)
#pragma unroll
    for (int e = 0; e < 2; ++e) {
      const int row = 8 * j + lane.row + e;
      if (first_row + row >= args.rows()) continue;
      const auto [m, l] = stats(row);
      const std::int64_t at =
          static_cast<std::int64_t>(item.request) * args.rows() + first_row + row;
      const float norm = norm_of(l);
      auto* to = static_cast<std::uint16_t*>(args.out) + at * api::kDV + column;
#pragma unroll
      for (int b = 0; b < S::kValueBlocks; ++b) {
        const std::uint32_t pair =
            ptx::pack<D>(state.o[b][4 * j + e] * norm, state.o[b][4 * j + 2 + e] * norm);
        to[64 * b] = static_cast<std::uint16_t>(pair);
        to[64 * b + 8] = static_cast<std::uint16_t>(pair >> 16);
      }
      if (writes_stats) args.lse[at] = log_sum_exp(m, l);
    }
  sync_consumers<Rows>();  // the sums are read before the next tile's maxima replace them
}

// One arrival a warp, at the barrier of every CTA that copies into the stage.
template <int Ctas>
__device__ __forceinline__ void release(std::uint32_t barrier) {
  if (!ptx::sync_warp_to_arrive()) return;
  ptx::mbarrier_arrive(barrier);
  if constexpr (Ctas == 2) ptx::mbarrier_arrive_remote(barrier, 1 - blockIdx.x % 2);
}

// The tile at item `done` of the ring, or the one in the spare stage; `segments` are begun. False:
// no tile there.
template <api::Dtype D, int Rows, int Ctas, VSource V, bool Spare>
__device__ __forceinline__ bool work_on_tile(const DecodeArgs& args, char* shared,
                                             const Barriers& barriers, State<Rows>& state,
                                             int& done, int& segments) {
  using S = Shape<Rows>;
  constexpr int kN = S::kScoreRows;
  constexpr bool kVInSpare = Spare && V == VSource::reuse;
  constexpr int kKBlockBytes = Spare ? S::kSpareBlockBytes : kBlockBytes;
  constexpr int kVBlockBytes = kVInSpare ? S::kSpareBlockBytes : kBlockBytes;
  constexpr int kVTokens = kVInSpare ? S::kSpareTokens : kTokens;
  const std::uint32_t base = ptx::shared_address(shared);
  const int rank = blockIdx.x % Ctas, group = threadIdx.x / 128;

  int i = done, s = Spare ? kSpare : i % kStages, parity = Spare ? 0 : i / kStages % 2;
  ptx::mbarrier_wait(barriers.full(s, 0), parity);
  const Item item = reinterpret_cast<const Item*>(shared + S::kItems)[s];
  if (item.count == 0) return false;
  if (item.first) {
    ptx::mbarrier_wait(barriers.q_full(), segments % 2);
    ++segments;
  }
  const int first_row = (item.head_tile * Ctas + rank) * Rows;
  float scores[kN / 2];
  const std::uint32_t stage = base + s * kStageBytes, sQ = base + S::kQ;
  if constexpr (S::kScoresByColumns)
    score_tile_by_columns<D, Rows, kKBlockBytes>(scores, stage, sQ, barriers, s, parity, shared);
  else
    score_tile<D, Rows, kKBlockBytes>(scores, stage, sQ, barriers, s, parity);
  if (item.last) release<1>(barriers.q_empty());
  if constexpr (V == VSource::reload) {
    if (!Spare) release<Ctas>(barriers.empty(s)), ++i;
    s = i % kStages, parity = i / kStages % 2;
  }
  if (Spare || item.count < kTokens || item.token + kTokens > item.n_kv - (args.s_q - 1))
    mask<kN>(args, item, first_row + group * kN, scores);
  soften<D, Rows>(args, scores, state, shared);
  if constexpr (V == VSource::reload)
    for (int g = 0; g < kGroups; ++g) ptx::mbarrier_wait(barriers.full(s, g), parity);
  // Behind the request's end; and where nothing was copied to: what stands there may be an older
  // tile's of another request, or nobody's.
  if (const int height = height_of(item.count);
      item.token + height > item.n_kv || height < kVTokens)
    zero_rows<Rows, kVBlockBytes>(shared + s * kStageBytes, args.v_column / kBlock, item.count,
                                  kVTokens);
  ptx::fence_async_shared();
  sync_consumers<Rows>();
  shrink_values(state, shared);
  const int v_block = args.v_column / kBlock + group * S::kValueBlocks;
  add_values<D, Rows, kVTokens, kVBlockBytes>(
      state, base + s * kStageBytes + v_block * kVBlockBytes, base + S::kP);
  if (!kVInSpare) {
    release<Ctas>(barriers.empty(s));
    done = i + 1;
  }
  if (item.last) {
    write_segment<D, Rows>(args, item, first_row,
                           (static_cast<std::int64_t>(item.partial) * Ctas + rank) * Rows, state,
                           shared);
    clear(state);
  }
  return true;
}

template <api::Dtype D, int Rows, int Ctas, VSource V>
__device__ __forceinline__ void consume(const DecodeArgs& args, char* shared,
                                        const Barriers& barriers) {
  State<Rows> state;
  clear(state);
  int done = 0, segments = 0;
  if constexpr (Shape<Rows>::kSpareTokens > 0)
    work_on_tile<D, Rows, Ctas, V, true>(args, shared, barriers, state, done, segments);
  while (work_on_tile<D, Rows, Ctas, V, false>(args, shared, barriers, state, done, segments)) {
  }
}

template <api::Dtype D, int Rows, int Ctas, VSource V>
__global__ void __launch_bounds__(Shape<Rows>::kThreads, 1)
    decode(const __grid_constant__ DecodeArgs args, const __grid_constant__ Maps maps) {
  using S = Shape<Rows>;
  extern __shared__ char unaligned[];
  char* shared = unaligned + (1024 - ptx::shared_address(unaligned) % 1024) % 1024;
  const Barriers barriers{ptx::shared_address(shared + S::kBarriers)};
  if (threadIdx.x == S::kConsumers) {
    ptx::tma_prefetch_map(&maps.k);
    ptx::tma_prefetch_map(&maps.q);
    for (int s = 0; s <= kSpare; ++s)
      for (int g = 0; g < kGroups; ++g) ptx::mbarrier_init(barriers.full(s, g), 1);
    for (int s = 0; s < kStages; ++s)
      ptx::mbarrier_init(barriers.empty(s), Ctas * S::kConsumers / 32 * ptx::kWarpArrivals);
    ptx::mbarrier_init(barriers.q_full(), 1);
    ptx::mbarrier_init(barriers.q_empty(), S::kConsumers / 32 * ptx::kWarpArrivals);
    ptx::mbarrier_init_fence();
  }
  if constexpr (Ctas == 1)
    __syncthreads();
  else
    ptx::cluster_sync();
  if (threadIdx.x < S::kConsumers) {
    if constexpr (S::kHandsOver) asm volatile("setmaxnreg.inc.sync.aligned.u32 216;");
    consume<D, Rows, Ctas, V>(args, shared, barriers);
  } else {
    if constexpr (S::kHandsOver) asm volatile("setmaxnreg.dec.sync.aligned.u32 72;");
    if (threadIdx.x == S::kConsumers) {
      if (args.evict_first)
        Producer<Rows, Ctas, V, true>(args, maps, shared, barriers).run();
      else
        Producer<Rows, Ctas, V, false>(args, maps, shared, barriers).run();
    }
  }
  leave<Ctas>(args);
}

}  // namespace mlawave::cuda::tile_reuse_sm90_t
