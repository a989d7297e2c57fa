// A value warpgroup: O += P V of 256 columns of O.
#pragma once

#include "kernels/cuda/ptx/wgmma.h"
#include "kernels/cuda/ptx/wgmma_wide.h"
#include "kernels/cuda/tile/half_rows.cuh"
#include "kernels/cuda/tile_reuse_sm90_q/fetch.cuh"

namespace mlawave::cuda::tile_reuse_sm90_q {

using Outputs = HalfRows;
static_assert(kHalfColumns == kScaledColumns);

// The columns of warpgroup w. Straight from registers, so that loads and scores run on.
template <api::Dtype D, int Cluster>
__device__ __forceinline__ void write_rows(const Cta<Cluster>& cta, const Note& note, int w,
                                           const Outputs& o) {
  const int t = thread();
  write_half_rows<D>(cta, note, w, t % 32, t / 32, o,
                     [&](int, int cta_row) { return cta.norm()[cta_row]; });
}

template <int Cluster>
__device__ __forceinline__ void shrink_rows(const Cta<Cluster>& cta, int stage, Outputs& o) {
  const int row = first_row_of_thread();
  const int shrink[2] = {cta.shrink(stage)[row], cta.shrink(stage)[row + 8]};
  if (__builtin_expect(!__any_sync(~0u, (shrink[0] | shrink[1]) != 0), 1)) return;
#pragma unroll
  for (int r = 0; r < 2; ++r) {
    const float factor = shrink_factor(shrink[r]);
#pragma unroll
    for (int k = 0; k < kHalfColumns / 8; ++k)
      o[4 * k + 2 * r] *= factor, o[4 * k + 2 * r + 1] *= factor;
  }
}

template <api::Dtype D, bool Paged, int Cluster>
__device__ __forceinline__ void add_values(const Cta<Cluster>& cta, const Maps& maps, const int w) {
  if (w == 0 && thread() % 32 == 0) start_copies<Paged>(cta, maps);
  if (w == 1 && thread() == 0) start_notes<Paged>(cta);
  __syncwarp();
  Outputs o = {};
  for (Ring at;; at.advance()) {
    ptx::mbarrier_wait(cta.p_full(at.stage), at.parity);
    const int flags = cta.note(at).flags;
    if (flags & kNothing) return;
    if (!__any_sync(~0u, flags & kQuery)) {
      shrink_rows(cta, at.stage, o);
      const std::uint64_t p = ptx::wgmma_descriptor(cta.rope(at.stage));
      const std::uint64_t v =
          ptx::wgmma_descriptor(cta.block(at.stage, w * kHalfBlocks), kBlockBytes);
      ptx::pin(o);
      ptx::wgmma_fence();
#pragma unroll
      for (int step = 0; step < kTokens / 16; ++step)
        ptx::wgmma_m64n256k16<D>(o, ptx::advance(p, step * 32), ptx::advance(v, step * 16 * 128),
                                 !(flags & kFirst) || step > 0);
      ptx::wgmma_commit();
    }
    if (w == 1 && thread() == 0) leave_note<Paged>(cta, at);
    __syncwarp();
    ptx::wgmma_wait<0>();
    ptx::pin(o);
    if (__builtin_expect(flags & kLast, 0)) write_rows<D>(cta, cta.note(at), w, o);
    if (flags & kFinal) return;
    if (Paged && w == 1 && thread() == 0) ptx::cp_async_wait<0>();
    if (ptx::sync_warp_to_arrive()) {
      ptx::mbarrier_arrive(cta.empty(at.stage));
      if constexpr (Cluster == 2) ptx::mbarrier_arrive_remote(cta.empty(at.stage), cta.rank() ^ 1);
    }
    if (w == 0 && thread() % 32 == 0) copy_next<Paged>(cta, maps, at);
    __syncwarp();
  }
}

}  // namespace mlawave::cuda::tile_reuse_sm90_q
