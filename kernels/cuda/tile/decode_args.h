// What every decode kernel is given: the tensors, the work, and where partial results go.
#pragma once

#include <vector_types.h>

#include <cstdint>

#include "kernels/api/cache_rows.h"
#include "kernels/api/problem.h"
#ifdef __CUDACC__
#include "kernels/cuda/ptx/l2_policy.h"
#endif
#include "kernels/cuda/tile/packed_partial.h"
#include "kernels/cuda/tile/segment_table.h"
#include "kernels/schedule/schedule.h"

namespace mlawave::cuda {

// A head tile that was cut between slots, and where its partial results are (schedule::Parts).
struct alignas(16) CutTile {
  int request, tile;
  int parts;  // 0: no such tile, and none behind it
  int first, second, stride;
};
static_assert(sizeof(CutTile) == 32);

MLAWAVE_HD constexpr CutTile cut_tile_of(int request, int tile, const schedule::Parts& parts) {
  return {request,
          tile,
          static_cast<int>(parts.count),
          static_cast<int>(parts.first),
          static_cast<int>(parts.second),
          static_cast<int>(parts.stride)};
}

// The tables that a launch works by.
struct WorkTables {
  const SegmentEntry* segments;  // [slots + further ones]
  const CutTile* cut_tiles;      // as many as the combine is launched for
};

// A copy of them in the kernel's parameters, where they are small and made by the host: with a cold
// L2 every dependent read of a table in device memory costs most of a microsecond.
inline constexpr int kSmallSegments = 144;
inline constexpr int kSmallCut = 16;
struct SmallTables {
  SegmentEntry segments[kSmallSegments];
  CutTile cut_tiles[kSmallCut];
};

struct DecodeArgs {
  const void* q;           // [batch, s_q, heads, 576]
  const void* kv;          // [kv_rows, 576]
  const void* v;           // [kv_rows, 512] or null
  void* out;               // [batch, s_q, heads, 512]
  float* lse;              // [batch, s_q, heads]
  float2* partial_ml;      // [partial][rows_per_tile]: maximum (log2 domain), sum
  float* partial_o;        // [partial][rows_per_tile][512], not normalised; null if packed
  PackedPartials packed;   // the same; null otherwise
  PartialFormat partials;  // which of them

  WorkTables tables;                // on the device
  const std::int64_t* n_kv;         // [batch]
  const std::int32_t* block_table;  // [batch, max_pages]; null: the cache is contiguous
  std::int64_t max_pages;
  int page_shift;  // log2 of page_size
  int batch;
  int run_step;  // tokens from one run of a segment to the next (schedule::Kind::wave)
  int heads;
  int s_q;
  int v_column;      // first column of V in a cache row
  float scale_log2;  // softmax scale · log2(e)
  bool has_empty;    // some request has no token
  bool evict_first;  // the cache is larger than the L2 and, if requests share no pages, read once
  bool is_small;     // `small` holds the tables
  SmallTables small;

  MLAWAVE_HD int rows() const { return heads * s_q; }
  // May be read before the kernel in front has ended: see DecodePlan::launch.
#ifdef __CUDACC__
  __device__ SegmentEntry segment(int i) const {
    return is_small ? small.segments[i] : ptx::load_to_keep(tables.segments + i);
  }
  __device__ CutTile cut_tile(int i) const {
    return is_small ? small.cut_tiles[i] : ptx::load_to_keep(tables.cut_tiles + i);
  }
#endif
  MLAWAVE_HD api::CacheRows paged_rows_of(int request) const {
    return {0, block_table + request * max_pages, page_shift};
  }
  // Tokens of a request with n_kv `n` that query row `row` sees (causal among the new ones).
  MLAWAVE_HD std::int64_t visible(std::int64_t n, int row) const {
    const std::int64_t seen = n - (s_q - 1 - row / heads);
    return seen < 0 ? 0 : seen;
  }
};

}  // namespace mlawave::cuda
