// What one consumer warpgroup leaves for the other with every tile: P, and the state of its rows.
//
// Tiles are handed over in order, one at a time: who handed over tile i has read all that came with
// i - 1. A warp reads and writes its own 16 rows only, P aside.
#pragma once

#include "kernels/cuda/ptx/stmatrix.h"
#include "kernels/cuda/tile/row_sum.cuh"
#include "kernels/cuda/tile_reuse_sm90/values.cuh"

namespace mlawave::cuda::tile_reuse_sm90 {

__device__ __forceinline__ int first_row_of_thread() {
  return threadIdx.x / 32 % 4 * 16 + threadIdx.x % 32 / 4;
}

__device__ __forceinline__ void read_rows(const float* rows, float (&to)[2]) {
  to[0] = rows[first_row_of_thread()], to[1] = rows[first_row_of_thread() + 8];
}

// Before tile i: what i - 1 (`before`: its flags) did to the references is done to O and to this
// warpgroup's sums.
template <int Cluster>
__device__ __forceinline__ void take_over(const Cta<Cluster>& cta, int before, RowState& state,
                                          Outputs& o) {
  // Rare; a vote, as the compiler would else not believe that the warp stays together, and would
  // not let products of S run on here.
  if (!__any_sync(~0u, cta.moved()[threadIdx.x / 32 % 4] != 0)) return;
  ptx::wgmma_wait<0>();
  ptx::pin(o);
  const int row = first_row_of_thread();
  const float shrink[2] = {cta.shrink()[row], cta.shrink()[row + 8]};
#pragma unroll
  for (int r = 0; r < 2; ++r) {
    state.base[r] = cta.reference()[row + 8 * r];
    state.l[r] = before & kFirst ? 0.f : state.l[r] * shrink[r];
  }
  if (!(before & kFirst)) scale_rows(o, shrink);
}

// Of the last tile's warpgroup: its own sums and, moved by `shrink`, the other's (`rest`) are the
// rows' sums; they go to the combine or the caller. Gives their inverses.
template <int Cluster>
__device__ __forceinline__ void finish_rows(const Cta<Cluster>& cta, const TileNote& note,
                                            const RowState& state, const float (&rest)[2],
                                            const float (&shrink)[2], float (&norm)[2]) {
#pragma unroll
  for (int r = 0; r < 2; ++r) {
    const float l = fmaf(rest[r], shrink[r], quad_sum(state.l[r]));
    norm[r] = norm_of(l);
    const int cta_row = first_row_of_thread() + 8 * r;
    const int row = note.tile * cta.tile_rows() + cta.first_row() + cta_row;
    if (threadIdx.x % 4 != 0) continue;
    cta.norm()[cta_row] = norm[r];
    if (row >= cta.args.rows()) continue;
    write_sum(cta, note, row, cta_row, state.base[r], l);
  }
}

// P to shared memory. Its place must be free: all of this warpgroup read tile i - 1's.
template <int Cluster>
__device__ __forceinline__ void store_p(const Cta<Cluster>& cta, const Probabilities& p) {
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32 % 4;
  // Lane l gives the address of row l % 8 of matrix l / 8: rows 0-7, rows 8-15, then 8 tokens on.
  const std::uint32_t row = cta.base + SharedLayout::kP + (16 * warp + lane % 16) * 128;
#pragma unroll
  for (int j = 0; j < kTokens / 8; j += 2)
    ptx::stmatrix_x4(row + (((j + lane / 16) ^ (lane % 8)) * 16), p[j][0], p[j][1], p[j + 1][0],
                     p[j + 1][1]);
  ptx::fence_async_shared();
}

// `shrink`: of O and sums so far, 1 where !moves. `before_last`: the next tile ends the segment,
// and its warpgroup will need the sums of this one.
template <int Cluster>
__device__ __forceinline__ void leave_state(const Cta<Cluster>& cta, const RowState& state,
                                            const float (&shrink)[2], bool moves,
                                            bool before_last) {
  if (threadIdx.x % 32 == 0) cta.moved()[threadIdx.x / 32 % 4] = moves;
  if (!moves && !before_last) return;
#pragma unroll
  for (int r = 0; r < 2; ++r) {
    const int row = first_row_of_thread() + 8 * r;
    const float l = quad_sum(state.l[r]);
    if (threadIdx.x % 4 != 0) continue;
    cta.shrink()[row] = shrink[r];
    cta.reference()[row] = state.base[r];
    cta.sum()[row] = l;
  }
}

}  // namespace mlawave::cuda::tile_reuse_sm90
