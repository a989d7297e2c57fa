// Decode attention for 16 query rows a CTA with mma.sync and a ring of cp.async tiles.
//
// Per tile of 32 KV tokens, eight warps:
//   1. S = Q Kᵀ     warp w: tokens 8·(w%4)…, half w/4 of the 576 columns; half sums through shared
//   memory
//   2. P = softmax  every warp, redundantly, in the A-fragment layout: P never leaves registers
//   3. O += P V     warp w: V columns 64·w…
// The ring holds items: a K tile, or with V loaded apart a K tile and a V tile in turn.
#pragma once

#include "kernels/cuda/portable/config.h"
#include "kernels/cuda/ptx/cp_async.h"
#include "kernels/cuda/ptx/dependent_launch.h"
#include "kernels/cuda/ptx/ldmatrix.h"
#include "kernels/cuda/ptx/mma.h"
#include "kernels/cuda/tile/decode_args.h"
#include "kernels/cuda/tile/empty_requests.cuh"
#include "kernels/cuda/tile/row_sum.cuh"
#include "kernels/cuda/tile/tile_walk.h"

namespace mlawave::cuda::portable {

inline constexpr int kQkSteps = api::kDQk / 2 / 32;  // per warp: 9 steps of 32 columns
inline constexpr int kBlocks = kWarpColumns / 8;     // per warp: 8 blocks of 8 V columns

__device__ inline const char* q_rows(const DecodeArgs& args, const SegmentEntry& segment) {
  return static_cast<const char*>(args.q) +
         (static_cast<std::int64_t>(segment.request) * args.rows() + segment.tile * kRows) *
             (api::kDQk * 2);
}

// The loads of one slot, issued ahead of the compute, in the order in which it needs them:
//   reuse               K0 K1 K2 …
//   V apart             K0 V0 K1 V1 …
//   V apart, pipelined  K0 K1 V0 K2 V1 …
// Of a paged cache each lane looks one token of the tile up; the rows that a thread copies come
// from the lanes by shuffle.
template <VSource V, bool Pipelined, bool Paged>
class Loader {
 public:
  __device__ Loader(const DecodeArgs& args, std::uint32_t ring, int slots, std::uint32_t sQ)
      : args_(args), walk_(args, blockIdx.x), ring_(ring), sQ_(sQ), slots_(slots) {}

  // Issues the next item, if there is one, and closes a group in any case. Q of a new segment
  // travels with its first K tile, unless an older Q may still be unread in sQ: see q_arrived().
  __device__ void issue(int segments_started) {
    const std::uint32_t slot = ring_ + at_ * kSlotBytes;
    const bool v_turn = V != VSource::reuse && item_ > 0 && item_ % 2 == (Pipelined ? 0 : 1);
    if (!v_turn) {
      if constexpr (Pipelined && V != VSource::reuse) previous_ = tile_, has_previous_ = has_tile_;
      if constexpr (Pipelined && Paged && V != VSource::reuse) previous_row_ = lane_row_;
      has_tile_ = walk_.next(tile_);
      if (has_tile_) {
        if constexpr (Paged) look_up();
        if (tile_.first && ++segments_ == segments_started + 1) copy_q();
        copy<api::kDQk / 8, api::kDQk>(slot, tile_, lane_row_, args_.kv, 0);
      }
    } else if (Pipelined ? has_previous_ : has_tile_) {
      const KvTile& tile = Pipelined ? previous_ : tile_;
      const int lane_row = Pipelined ? previous_row_ : lane_row_;
      if (V == VSource::reload)
        copy<api::kDV / 8, api::kDQk>(slot, tile, lane_row, args_.kv, args_.v_column);
      else
        copy<api::kDV / 8, api::kDV>(slot, tile, lane_row, args_.v, 0);
    }
    ptx::cp_async_commit();
    ++item_;
    at_ = at_ + 1 == slots_ ? 0 : at_ + 1;
  }

  // Whether sQ holds Q of segment number `segment` (from 1) once its first K tile has arrived.
  __device__ bool q_arrived(int segment) const { return q_segment_ == segment; }

 private:
  // Behind the last token again its row: what lies behind in the table may be no page.
  __device__ void look_up() {
    const int token = tile_.token + min(static_cast<int>(threadIdx.x % 32), tile_.count - 1);
    lane_row_ = static_cast<int>(args_.paged_rows_of(walk_.segment().request)[token]);
  }

  // Columns First … First + 8·ChunksPerRow of a tile's rows. Rows behind the last token become
  // zero, so that 0 · V stays 0.
  template <int ChunksPerRow, int RowElements>
  __device__ void copy(std::uint32_t slot, const KvTile& tile, int lane_row, const void* cache,
                       int column) {
    const std::int64_t first_row = Paged ? 0 : tile.row;
    const char* from = static_cast<const char*>(cache) + (first_row * RowElements + column) * 2;
#pragma unroll
    for (int k = 0; k < kTokens * ChunksPerRow / kThreads; ++k) {
      const int i = threadIdx.x + k * kThreads;
      const int row = i / ChunksPerRow, chunk = i % ChunksPerRow;
      const bool valid = row < tile.count;
      const char* at = valid ? from + row * (RowElements * 2) + chunk * 16 : from;
      if constexpr (Paged)
        at = from + static_cast<std::int64_t>(__shfl_sync(~0u, lane_row, row)) * (RowElements * 2) +
             chunk * 16;
      ptx::cp_async_16(slot + row * kRowBytes + chunk * 16, at, valid);
    }
  }

  __device__ void copy_q() {
    const SegmentEntry& segment = walk_.segment();
    const int first_row = segment.tile * kRows;
    const char* from = q_rows(args_, segment);
    constexpr int kChunks = api::kDQk / 8;
    for (int i = threadIdx.x; i < kRows * kChunks; i += kThreads) {
      const int row = i / kChunks, chunk = i % kChunks;
      const bool valid = first_row + row < args_.rows();
      ptx::cp_async_16(sQ_ + row * kRowBytes + chunk * 16,
                       from + (valid ? row : 0) * (api::kDQk * 2) + chunk * 16, valid);
    }
    q_segment_ = segments_;
  }

  const DecodeArgs& args_;
  TileWalk<kTokens> walk_;
  KvTile tile_, previous_;
  int lane_row_ = 0, previous_row_ = 0;  // paged: cache row of token `lane` of the two tiles
  bool has_tile_ = false, has_previous_ = false;
  std::uint32_t ring_, sQ_;
  int slots_;
  int at_ = 0, item_ = 0;
  int segments_ = 0;   // entered so far
  int q_segment_ = 0;  // the one whose Q went to sQ last
};

// Everything one warp keeps in registers for a head tile.
struct RowState {
  std::uint32_t q[2 * kQkSteps][4];  // A fragments of this warp's half of the columns
  float o[kBlocks][4];
  float m[2], l[2];  // rows lane/4 and lane/4 + 8; m not scaled, l: this lane's share
};

// Q into shared memory at once, for a segment that came too soon for the loader.
__device__ inline void fetch_q(const DecodeArgs& args, const SegmentEntry& segment, char* sQ) {
  const int first_row = segment.tile * kRows;
  const char* gQ = q_rows(args, segment);
  constexpr int kChunks = api::kDQk / 8;
  for (int i = threadIdx.x; i < kRows * kChunks; i += kThreads) {
    const int row = i / kChunks, chunk = i % kChunks;
    uint4 value = make_uint4(0, 0, 0, 0);
    if (first_row + row < args.rows())
      value = *reinterpret_cast<const uint4*>(gQ + row * (api::kDQk * 2) + chunk * 16);
    *reinterpret_cast<uint4*>(sQ + row * kRowBytes + chunk * 16) = value;
  }
  __syncthreads();
}

__device__ inline void read_q(std::uint32_t sQ, RowState& state) {
  const int lane = threadIdx.x % 32, half = threadIdx.x / 128;
  // Matrices: rows 0-7, rows 8-15, then the same 8 columns on.
  const std::uint32_t address =
      sQ + (lane % 16) * kRowBytes + half * (api::kDQk / 2) * 2 + (lane / 16) * 16;
#pragma unroll
  for (int step = 0; step < 2 * kQkSteps; ++step)
    ptx::ldmatrix_x4(state.q[step], address + step * 32);
}

__device__ inline void clear(RowState& state) {
#pragma unroll
  for (auto& block : state.o)
#pragma unroll
    for (float& x : block) x = 0.f;
#pragma unroll
  for (int i = 0; i < 2; ++i) state.m[i] = -INFINITY, state.l[i] = 0.f;
}

// sS[half][row][token] = this warp's part of Q Kᵀ
template <api::Dtype D>
__device__ void score_tile(const RowState& state, std::uint32_t slot, float* sS) {
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const int token = 8 * (warp % 4), half = warp / 4;
  const std::uint32_t address =
      slot + (token + lane % 8) * kRowBytes + half * (api::kDQk / 2) * 2 + (lane / 8) * 16;
  float s[4][4] = {};  // independent chains hide the latency of the tensor core
#pragma unroll
  for (int step = 0; step < kQkSteps; ++step) {
    std::uint32_t k[4];
    ptx::ldmatrix_x4(k, address + step * 64);
    ptx::mma_m16n8k16<D>(s[2 * (step % 2)], state.q[2 * step], k[0], k[1]);
    ptx::mma_m16n8k16<D>(s[2 * (step % 2) + 1], state.q[2 * step + 1], k[2], k[3]);
  }
  float sum[4];
#pragma unroll
  for (int i = 0; i < 4; ++i) sum[i] = (s[0][i] + s[1][i]) + (s[2][i] + s[3][i]);
  float* at = sS + half * kRows * kScoreStride + (lane / 4) * kScoreStride + token + 2 * (lane % 4);
  *reinterpret_cast<float2*>(at) = make_float2(sum[0], sum[1]);
  *reinterpret_cast<float2*>(at + 8 * kScoreStride) = make_float2(sum[2], sum[3]);
}

// Online softmax; p comes out as the A fragments of O += P V.
template <api::Dtype D>
__device__ void soften(const DecodeArgs& args, const KvTile& tile, int n_kv, int first_row,
                       const float* sS, RowState& state, std::uint32_t (&p)[kTokens / 16][4]) {
  const int lane = threadIdx.x % 32;
  const int row = lane / 4, column = 2 * (lane % 4);
  float s[2][kTokens / 8][2];  // [row, row + 8][block of 8 tokens][pair]
#pragma unroll
  for (int r = 0; r < 2; ++r)
#pragma unroll
    for (int b = 0; b < kTokens / 8; ++b) {
      const float* at = sS + (row + 8 * r) * kScoreStride + 8 * b + column;
      const float2 low = *reinterpret_cast<const float2*>(at);
      const float2 high = *reinterpret_cast<const float2*>(at + kRows * kScoreStride);
      s[r][b][0] = low.x + high.x;
      s[r][b][1] = low.y + high.y;
    }
  // Uniform: a tile may end before the request does (at a segment's end), and rows see causally.
  if (tile.count < kTokens || tile.token + kTokens > n_kv - (args.s_q - 1)) {
#pragma unroll
    for (int r = 0; r < 2; ++r) {
      const int seen =
          min(static_cast<int>(args.visible(n_kv, min(first_row + row + 8 * r, args.rows() - 1))),
              tile.token + tile.count);
#pragma unroll
      for (int b = 0; b < kTokens / 8; ++b)
#pragma unroll
        for (int i = 0; i < 2; ++i)
          if (tile.token + 8 * b + column + i >= seen) s[r][b][i] = -INFINITY;
    }
  }
#pragma unroll
  for (int r = 0; r < 2; ++r) {
    float top = state.m[r];
#pragma unroll
    for (int b = 0; b < kTokens / 8; ++b) top = fmaxf(top, fmaxf(s[r][b][0], s[r][b][1]));
    top = fmaxf(top, __shfl_xor_sync(~0u, top, 1));
    top = fmaxf(top, __shfl_xor_sync(~0u, top, 2));
    // Rounded as base was, so that shrink is 1 to the bit where the maximum stays. A fused product
    // would leave the rounding of base, every tile, in the row's sum.
    const float base_before = __fmul_rn(state.m[r], args.scale_log2);
    const float base =
        top == -INFINITY ? 0.f : __fmul_rn(top, args.scale_log2);  // a row that saw nothing yet
    const float shrink = ptx::exp2_approx(__fsub_rn(base_before, base));
    state.m[r] = top;
    state.l[r] *= shrink;
    if (__any_sync(~0u, shrink != 1.f)) {
#pragma unroll
      for (auto& block : state.o) block[2 * r] *= shrink, block[2 * r + 1] *= shrink;
    }
#pragma unroll
    for (int b = 0; b < kTokens / 8; ++b) {
      const float p0 = ptx::exp2_approx(fmaf(s[r][b][0], args.scale_log2, -base));
      const float p1 = ptx::exp2_approx(fmaf(s[r][b][1], args.scale_log2, -base));
      state.l[r] += p0 + p1;
      p[b / 2][2 * (b % 2) + r] = ptx::pack<D>(p0, p1);
    }
  }
}

// O += P V with V columns 64·warp… of the tile at `slot`, whose V begins `column` columns in.
template <api::Dtype D>
__device__ void add_values(RowState& state, const std::uint32_t (&p)[kTokens / 16][4],
                           std::uint32_t slot, int column) {
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const std::uint32_t address =
      slot + (lane % 16) * kRowBytes + (column + warp * kWarpColumns + 8 * (lane / 16)) * 2;
#pragma unroll
  for (int step = 0; step < kTokens / 16; ++step)
#pragma unroll
    for (int pair = 0; pair < kBlocks / 2; ++pair) {
      std::uint32_t v[4];
      ptx::ldmatrix_x4_trans(v, address + step * 16 * kRowBytes + pair * 32);
      ptx::mma_m16n8k16<D>(state.o[2 * pair], p[step], v[0], v[1]);
      ptx::mma_m16n8k16<D>(state.o[2 * pair + 1], p[step], v[2], v[3]);
    }
}

template <api::Dtype D>
__device__ void write_segment(const DecodeArgs& args, const SegmentEntry& segment,
                              RowState& state) {
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
#pragma unroll
  for (int r = 0; r < 2; ++r) {
    float l = state.l[r];
    l += __shfl_xor_sync(~0u, l, 1);
    l += __shfl_xor_sync(~0u, l, 2);
    const int row = lane / 4 + 8 * r;
    const int column = warp * kWarpColumns + 2 * (lane % 4);
    if (segment.partial >= 0) {
      const std::int64_t at = static_cast<std::int64_t>(segment.partial) * kRows + row;
#pragma unroll
      for (int b = 0; b < kBlocks; ++b)
        *reinterpret_cast<float2*>(args.partial_o + at * api::kDV + column + 8 * b) =
            make_float2(state.o[b][2 * r], state.o[b][2 * r + 1]);
      if (warp == 0 && lane % 4 == 0)
        args.partial_ml[at] = make_float2(state.m[r] * args.scale_log2, l);
    } else if (segment.tile * kRows + row < args.rows()) {
      const std::int64_t at =
          static_cast<std::int64_t>(segment.request) * args.rows() + segment.tile * kRows + row;
      const float norm = norm_of(l);
#pragma unroll
      for (int b = 0; b < kBlocks; ++b)
        *reinterpret_cast<std::uint32_t*>(static_cast<char*>(args.out) +
                                          (at * api::kDV + column + 8 * b) * 2) =
            ptx::pack<D>(state.o[b][2 * r] * norm, state.o[b][2 * r + 1] * norm);
      if (warp == 0 && lane % 4 == 0) args.lse[at] = log_sum_exp(state.m[r] * args.scale_log2, l);
    }
  }
}

// Of the code that is being compiled; the host asks compiled code for its architecture
// (launch.cpp).
#ifdef __CUDA_ARCH__
inline constexpr int kSlots = ring_slots(__CUDA_ARCH__ / 10);
#else
inline constexpr int kSlots = 2;
#endif

template <api::Dtype D, VSource V, bool Paged>
__global__ void __launch_bounds__(kThreads, 1) decode(const __grid_constant__ DecodeArgs args) {
  extern __shared__ __align__(128) char shared[];
  constexpr bool kPipelined = kSlots >= kPipelinedSlots;
  constexpr bool kApart = V != VSource::reuse;
  char* sQ = shared + kSlots * kSlotBytes;
  float* sS = reinterpret_cast<float*>(sQ + kQBytes);
  const std::uint32_t ring = ptx::shared_address(shared);

  Loader<V, kPipelined, Paged> loader(args, ring, kSlots, ptx::shared_address(sQ));
  TileWalk<kTokens> walk(args, blockIdx.x);
  ptx::wait_for_kernel_before();
  ptx::launch_dependents();  // the combine may take its place in the queue
  for (int i = 0; i < kSlots - 1; ++i) loader.issue(0);
  if (args.has_empty) write_empty(args);

  RowState state;
  clear(state);
  int started = 0;
  const auto start_segment = [&] {
    ++started;
    if (!loader.q_arrived(started)) fetch_q(args, walk.segment(), sQ);
    read_q(ptx::shared_address(sQ), state);
  };
  int at = 0;  // ring slot of the next item to consume
  const auto take = [&] {
    const std::uint32_t slot = ring + at * kSlotBytes;
    at = at + 1 == kSlots ? 0 : at + 1;
    return slot;
  };
  const int v_column = kApart ? 0 : args.v_column;

  KvTile tile;
  bool more = walk.next(tile);
  if constexpr (kPipelined) {
    // Between two barriers: scores of the next tile, softmax and values of this one.
    std::uint32_t slot = 0;
    if (more) {
      ptx::cp_async_wait<kSlots - 2>();
      __syncthreads();
      start_segment();
      slot = take();
      score_tile<D>(state, slot, sS);
    }
    for (int buffer = 0; more; buffer ^= 1) {
      ptx::cp_async_wait<kSlots - (kApart ? 4 : 3)>();
      __syncthreads();
      loader.issue(started);
      if constexpr (kApart) loader.issue(started);
      const SegmentEntry segment = walk.segment();
      KvTile next;
      const bool next_exists = walk.next(next);
      const std::uint32_t next_slot = take();  // an empty item at the end
      if (next_exists) {
        if (next.first) start_segment();
        score_tile<D>(state, next_slot, sS + (buffer ^ 1) * (kScoreBytes / 4));
      }
      std::uint32_t p[kTokens / 16][4];
      soften<D>(args, tile, segment.n_kv, segment.tile * kRows, sS + buffer * (kScoreBytes / 4),
                state, p);
      add_values<D>(state, p, kApart ? take() : slot, v_column);
      if (tile.last) {
        write_segment<D>(args, segment, state);
        clear(state);
      }
      tile = next;
      slot = next_slot;
      more = next_exists;
    }
  } else {
    // The current item has arrived for everyone, and the one before it is free to be overwritten.
    const auto acquire = [&] {
      ptx::cp_async_wait<kSlots - 2>();
      __syncthreads();
      loader.issue(started);
    };
    for (; more; more = walk.next(tile)) {
      acquire();
      if (tile.first) start_segment();
      std::uint32_t slot = take();
      score_tile<D>(state, slot, sS);
      if constexpr (kApart) {
        acquire();
        slot = take();
      } else {
        __syncthreads();
      }
      std::uint32_t p[kTokens / 16][4];
      soften<D>(args, tile, walk.segment().n_kv, walk.segment().tile * kRows, sS, state, p);
      add_values<D>(state, p, slot, v_column);
      if (tile.last) {
        write_segment<D>(args, walk.segment(), state);
        clear(state);
      }
    }
  }
  ptx::cp_async_wait<0>();
}

}  // namespace mlawave::cuda::portable
