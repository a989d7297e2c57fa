// Decode attention for few query rows on Hopper, transposed so that no tensor-core row is padding:
//   Sᵀ[64 tokens × Rows] = K Qᵀ        M = tokens,    A = the K tile, K-major
//   Oᵀ[512 columns × Rows] += Vᵀ Pᵀ    M = V columns, A = the same tile, read transposed
// One producer warp keeps two 64-token tiles in flight through the copy engine; one warpgroup
// computes.
#pragma once

#include "kernels/cuda/ptx/cp_async.h"
#include "kernels/cuda/ptx/mbarrier.h"
#include "kernels/cuda/ptx/mma.h"
#include "kernels/cuda/ptx/tma.h"
#include "kernels/cuda/ptx/wgmma.h"
#include "kernels/cuda/tile/decode_args.h"
#include "kernels/cuda/tile/empty_requests.cuh"
#include "kernels/cuda/tile/tile_walk.h"
#include "kernels/cuda/tile_reuse_sm90_t/config.h"

namespace mlawave::cuda::tile_reuse_sm90_t {

struct Barriers {
  std::uint32_t base;
  // Group g of the columns of stage s arrived; stage s may be replaced; the same for the Q tiles.
  __device__ std::uint32_t full(int s, int g) const { return base + 8 * (s * kGroups + g); }
  __device__ std::uint32_t empty(int s) const { return base + 8 * (kStages * kGroups + s); }
  __device__ std::uint32_t q_full(int i) const { return empty(kStages) + 8 * i; }
  __device__ std::uint32_t q_empty(int i) const { return empty(kStages) + 16 + 8 * i; }
};

template <int Rows>
__device__ void produce(const DecodeArgs& args, const CUtensorMap* kv_map, const CUtensorMap* q_map,
                        std::uint32_t shared, const Barriers& barriers) {
  using Layout = SharedLayout<Rows>;
  TileWalk<kTokens> walk(args, blockIdx.x);
  int item = 0, segment = 0;
  for (KvTile tile; walk.next(tile); ++item) {
    if (tile.first) {
      const int b = segment % 2;
      ptx::mbarrier_wait(barriers.q_empty(b), (segment / 2 + 1) % 2);
      ptx::mbarrier_arrive_expect(barriers.q_full(b), Layout::kQBytes);
      const int row = walk.segment().request * args.rows() + walk.segment().tile * Rows;
      for (int c = 0; c < kBlocks; ++c)
        ptx::tma_load_2d(shared + Layout::kQ + b * Layout::kQBytes + c * Rows * 128, q_map,
                         c * kBlock, row, barriers.q_full(b));
      ++segment;
    }
    const int s = item % kStages;
    ptx::mbarrier_wait(barriers.empty(s), (item / kStages + 1) % 2);
    const int boxes = (tile.count + kBoxTokens - 1) / kBoxTokens;
    for (int g = 0; g < kGroups; ++g) {
      ptx::mbarrier_arrive_expect(barriers.full(s, g), boxes * kGroupBlocks * kBoxBytes);
      for (int c = g * kGroupBlocks; c < (g + 1) * kGroupBlocks; ++c)
        for (int box = 0; box < boxes; ++box)
          ptx::tma_load_2d(shared + s * kStageBytes + c * kBlockBytes + box * kBoxBytes, kv_map,
                           c * kBlock, static_cast<int>(tile.row) + box * kBoxTokens,
                           barriers.full(s, g));
    }
  }
}

// What one thread of the warpgroup keeps for a head tile. Its heads are 8·j + 2·(lane%4) + e.
template <int Rows>
struct State {
  float o[kVBlocks][Rows / 2];  // V columns 64·b + 16·warp + lane/4 (+ 8) of those heads
  float m[Rows / 8][2];         // not scaled
  float l[Rows / 8][2];         // this thread's tokens only
};

template <int Rows>
__device__ void clear(State<Rows>& state) {
#pragma unroll
  for (auto& block : state.o)
#pragma unroll
    for (float& x : block) x = 0.f;
#pragma unroll
  for (int j = 0; j < Rows / 8; ++j)
#pragma unroll
    for (int e = 0; e < 2; ++e) state.m[j][e] = -INFINITY, state.l[j][e] = 0.f;
}

__device__ inline void sync_consumers() { asm volatile("bar.sync 1, 128;" ::: "memory"); }

// Sᵀ = K Qᵀ as the groups of columns arrive; complete on return.
template <api::Dtype D, int Rows>
__device__ void score_tile(float (&s)[Rows / 2], std::uint32_t stage, std::uint32_t q,
                           const Barriers& barriers, int index, int parity) {
  constexpr int kChains = kScoreChains<Rows>;
  float part[kChains][Rows / 2] = {};
  const std::uint64_t a0 = ptx::wgmma_descriptor(stage), b0 = ptx::wgmma_descriptor(q);
#pragma unroll
  for (auto& chain : part) ptx::pin(chain);
#pragma unroll
  for (int g = 0; g < kGroups; ++g) {
    ptx::mbarrier_wait(barriers.full(index, g), parity);
    ptx::wgmma_fence();
#pragma unroll
    for (int c = g * kGroupBlocks; c < (g + 1) * kGroupBlocks; ++c)
#pragma unroll
      for (int k = 0; k < 4; ++k) {
        const auto a = ptx::advance(a0, c * kBlockBytes + k * 32);
        const auto b = ptx::advance(b0, c * Rows * 128 + k * 32);
        if constexpr (Rows == 16)
          ptx::wgmma_m64n16k16<D, false>(part[k % kChains], a, b, true);
        else
          ptx::wgmma_m64n32k16<D, false>(part[k % kChains], a, b, true);
      }
    ptx::wgmma_commit();
  }
  ptx::wgmma_wait<0>();
#pragma unroll
  for (auto& chain : part) ptx::pin(chain);
#pragma unroll
  for (int i = 0; i < Rows / 2; ++i) {
    s[i] = part[0][i] + part[1][i];
    if constexpr (kChains == 4) s[i] += part[2][i] + part[3][i];
  }
}

// Rows of the tile without a token: what was copied there must not reach P V as 0 · NaN.
__device__ inline void zero_tail(char* stage, int count) {
  const int thread = threadIdx.x;
  for (int i = thread; i < (kTokens - count) * kBlocks * 8; i += kConsumers) {
    const int row = count + i / (kBlocks * 8), rest = i % (kBlocks * 8);
    *reinterpret_cast<uint4*>(stage + rest / 8 * kBlockBytes + row * 128 + rest % 8 * 16) =
        make_uint4(0, 0, 0, 0);
  }
}

template <int Rows>
__device__ void mask(const DecodeArgs& args, const KvTile& tile, int n_kv, int first_row,
                     float (&s)[Rows / 2]) {
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const int token = tile.token + 16 * warp + lane / 4;
#pragma unroll
  for (int j = 0; j < Rows / 8; ++j)
#pragma unroll
    for (int e = 0; e < 2; ++e) {
      const int row = min(first_row + 8 * j + 2 * (lane % 4) + e, args.rows() - 1);
      // A tile may end before the request does (the end of a segment), and rows see causally.
      const int seen = min(static_cast<int>(args.visible(n_kv, row)), tile.token + tile.count);
      if (token >= seen) s[4 * j + e] = -INFINITY;
      if (token + 8 >= seen) s[4 * j + 2 + e] = -INFINITY;
    }
}

// Online softmax over the tokens (the rows of Sᵀ); leaves Pᵀ in shared memory.
template <api::Dtype D, int Rows>
__device__ void soften(const DecodeArgs& args, float (&s)[Rows / 2], State<Rows>& state, char* sP,
                       float* sStats) {
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const int head = 2 * (lane % 4);
  float top[Rows / 8][2];
#pragma unroll
  for (int j = 0; j < Rows / 8; ++j)
#pragma unroll
    for (int e = 0; e < 2; ++e) {
      float x = fmaxf(s[4 * j + e], s[4 * j + 2 + e]);
      x = fmaxf(x, __shfl_xor_sync(~0u, x, 4));
      x = fmaxf(x, __shfl_xor_sync(~0u, x, 8));
      top[j][e] = fmaxf(x, __shfl_xor_sync(~0u, x, 16));
    }
  if (lane < 4)
#pragma unroll
    for (int j = 0; j < Rows / 8; ++j)
      *reinterpret_cast<float2*>(sStats + warp * Rows + 8 * j + head) =
          make_float2(top[j][0], top[j][1]);
  sync_consumers();
  bool shrinks = false;
  float shrink[Rows / 8][2];
#pragma unroll
  for (int j = 0; j < Rows / 8; ++j) {
    float2 all = make_float2(state.m[j][0], state.m[j][1]);
#pragma unroll
    for (int w = 0; w < 4; ++w) {
      const float2 x = *reinterpret_cast<const float2*>(sStats + w * Rows + 8 * j + head);
      all.x = fmaxf(all.x, x.x), all.y = fmaxf(all.y, x.y);
    }
    top[j][0] = all.x, top[j][1] = all.y;
#pragma unroll
    for (int e = 0; e < 2; ++e) {
      // A head that saw nothing yet keeps base 0, so that exp2 gives 0 and not NaN.
      const float base = top[j][e] == -INFINITY ? 0.f : top[j][e] * args.scale_log2;
      shrink[j][e] = ptx::exp2_approx(fmaf(state.m[j][e], args.scale_log2, -base));
      shrinks |= shrink[j][e] != 1.f;
      state.m[j][e] = top[j][e];
      const float p0 = ptx::exp2_approx(fmaf(s[4 * j + e], args.scale_log2, -base));
      const float p1 = ptx::exp2_approx(fmaf(s[4 * j + 2 + e], args.scale_log2, -base));
      state.l[j][e] = fmaf(state.l[j][e], shrink[j][e], p0 + p1);
      // Pᵀ: row = head, 64 tokens a row, 16-byte chunks swizzled by the row
      const int row = 8 * j + head + e;
      const std::uint32_t pair = ptx::pack<D>(p0, p1);
      const auto at = [&](int chunk) {
        return reinterpret_cast<std::uint16_t*>(sP + row * 128 + ((chunk ^ row) % 8) * 16 +
                                                lane / 4 * 2);
      };
      *at(2 * warp) = static_cast<std::uint16_t>(pair);
      *at(2 * warp + 1) = static_cast<std::uint16_t>(pair >> 16);
    }
  }
  if (__any_sync(~0u, shrinks)) {
#pragma unroll
    for (auto& block : state.o)
#pragma unroll
      for (int j = 0; j < Rows / 8; ++j)
#pragma unroll
        for (int i = 0; i < 4; ++i) block[4 * j + i] *= shrink[j][i % 2];
  }
}

// Oᵀ += Vᵀ Pᵀ; complete on return.
template <api::Dtype D, int Rows>
__device__ void add_values(State<Rows>& state, std::uint32_t v, std::uint32_t p) {
  const std::uint64_t a0 = ptx::wgmma_descriptor(v), b0 = ptx::wgmma_descriptor(p);
#pragma unroll
  for (auto& block : state.o) ptx::pin(block);
  ptx::wgmma_fence();
#pragma unroll
  for (int k = 0; k < kTokens / 16; ++k)
#pragma unroll
    for (int b = 0; b < kVBlocks; ++b) {
      const auto a = ptx::advance(a0, b * kBlockBytes + k * 16 * 128);
      if constexpr (Rows == 16)
        ptx::wgmma_m64n16k16<D, true>(state.o[b], a, ptx::advance(b0, k * 32), true);
      else
        ptx::wgmma_m64n32k16<D, true>(state.o[b], a, ptx::advance(b0, k * 32), true);
    }
  ptx::wgmma_commit();
  ptx::wgmma_wait<0>();
#pragma unroll
  for (auto& block : state.o) ptx::pin(block);
}

template <api::Dtype D, int Rows>
__device__ void write_segment(const DecodeArgs& args, const schedule::Segment& segment,
                              State<Rows>& state, float* sStats) {
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const int head = 2 * (lane % 4);
  sync_consumers();  // every warp has read the maxima
#pragma unroll
  for (int j = 0; j < Rows / 8; ++j)
#pragma unroll
    for (int e = 0; e < 2; ++e) {
      float l = state.l[j][e];
      for (int offset = 4; offset < 32; offset *= 2) l += __shfl_xor_sync(~0u, l, offset);
      if (lane < 4) sStats[warp * Rows + 8 * j + head + e] = l;
    }
  sync_consumers();
#pragma unroll
  for (int j = 0; j < Rows / 8; ++j)
#pragma unroll
    for (int e = 0; e < 2; ++e) {
      const int row = 8 * j + head + e;
      float l = 0.f;
#pragma unroll
      for (int w = 0; w < 4; ++w) l += sStats[w * Rows + row];
      const int column = 16 * warp + lane / 4;
      const float m = state.m[j][e] * args.scale_log2;
      if (segment.partial >= 0) {
        const std::int64_t at = segment.partial * Rows + row;
#pragma unroll
        for (int b = 0; b < kVBlocks; ++b) {
          args.partial_o[at * api::kDV + 64 * b + column] = state.o[b][4 * j + e];
          args.partial_o[at * api::kDV + 64 * b + column + 8] = state.o[b][4 * j + 2 + e];
        }
        if (warp == 0 && lane < 4) args.partial_ml[at] = make_float2(m, l);
      } else if (segment.tile * Rows + row < args.rows()) {
        const std::int64_t at =
            static_cast<std::int64_t>(segment.request) * args.rows() + segment.tile * Rows + row;
        const float norm = l > 0.f ? 1.f / l : 0.f;
        auto* out = static_cast<std::uint16_t*>(args.out) + at * api::kDV;
#pragma unroll
        for (int b = 0; b < kVBlocks; ++b) {
          const std::uint32_t pair =
              ptx::pack<D>(state.o[b][4 * j + e] * norm, state.o[b][4 * j + 2 + e] * norm);
          out[64 * b + column] = static_cast<std::uint16_t>(pair);
          out[64 * b + column + 8] = static_cast<std::uint16_t>(pair >> 16);
        }
        if (warp == 0 && lane < 4)
          args.lse[at] = l > 0.f ? (m + log2f(l)) * 0.693147180559945f : -INFINITY;
      }
    }
}

template <api::Dtype D, int Rows>
__device__ void consume(const DecodeArgs& args, char* shared, const Barriers& barriers) {
  using Layout = SharedLayout<Rows>;
  const std::uint32_t base = ptx::shared_address(shared);
  char* sP = shared + Layout::kP;
  float* sStats = reinterpret_cast<float*>(shared + Layout::kStats);
  const int v_block = args.v_column / kBlock;
  const bool leader = threadIdx.x % 32 == 0;

  TileWalk<kTokens> walk(args, blockIdx.x);
  State<Rows> state;
  clear(state);
  int item = 0, segment = -1;
  for (KvTile tile; walk.next(tile); ++item) {
    if (tile.first) {
      ++segment;
      ptx::mbarrier_wait(barriers.q_full(segment % 2), segment / 2 % 2);
    }
    const int s = item % kStages;
    const std::uint32_t stage = base + s * kStageBytes;
    float scores[Rows / 2];
    score_tile<D, Rows>(scores, stage, base + Layout::kQ + segment % 2 * Layout::kQBytes, barriers,
                        s, item / kStages % 2);
    if (tile.last && leader) ptx::mbarrier_arrive(barriers.q_empty(segment % 2));
    const int first_row = walk.segment().tile * Rows;
    if (tile.count < kTokens || tile.token + kTokens > walk.n_kv() - (args.s_q - 1))
      mask<Rows>(args, tile, walk.n_kv(), first_row, scores);
    if (tile.count < kTokens) zero_tail(shared + s * kStageBytes, tile.count);
    soften<D, Rows>(args, scores, state, sP, sStats);
    ptx::fence_async_shared();
    sync_consumers();
    add_values<D, Rows>(state, stage + v_block * kBlockBytes, base + Layout::kP);
    if (leader) ptx::mbarrier_arrive(barriers.empty(s));
    if (tile.last) {
      write_segment<D, Rows>(args, walk.segment(), state, sStats);
      clear(state);
    }
  }
}

template <api::Dtype D, int Rows>
__global__ void __launch_bounds__(kThreads, 1)
    decode(const __grid_constant__ DecodeArgs args, const __grid_constant__ CUtensorMap kv_map,
           const __grid_constant__ CUtensorMap q_map) {
  asm volatile("griddepcontrol.launch_dependents;");  // the combine may take its place in the queue
  extern __shared__ char unaligned[];
  char* shared = unaligned + (1024 - ptx::shared_address(unaligned) % 1024) % 1024;
  const Barriers barriers{ptx::shared_address(shared + SharedLayout<Rows>::kBarriers)};
  if (threadIdx.x == kConsumers) {
    ptx::tma_prefetch_map(&kv_map);
    ptx::tma_prefetch_map(&q_map);
    for (int i = 0; i < 2; ++i) {
      for (int g = 0; g < kGroups; ++g) ptx::mbarrier_init(barriers.full(i, g), 1);
      ptx::mbarrier_init(barriers.q_full(i), 1);
      ptx::mbarrier_init(barriers.empty(i), kConsumers / 32);
      ptx::mbarrier_init(barriers.q_empty(i), kConsumers / 32);
    }
    ptx::mbarrier_init_fence();
  }
  __syncthreads();
  if (threadIdx.x < kConsumers) {
    consume<D, Rows>(args, shared, barriers);
  } else if (threadIdx.x == kConsumers) {
    produce<Rows>(args, &kv_map, &q_map, ptx::shared_address(shared), barriers);
  }
  if (args.has_empty) write_empty(args);
}

}  // namespace mlawave::cuda::tile_reuse_sm90_t
