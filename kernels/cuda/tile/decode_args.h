// What every decode kernel is given: the tensors, the work, and where partial results go.
#pragma once

#include <vector_types.h>

#include <cstdint>

#include "kernels/api/problem.h"
#include "kernels/schedule/schedule.h"

namespace mlawave::cuda {

// A head tile that was cut between slots.
struct CutTile {
  int request, tile;
  schedule::Parts parts;
};

// A copy of the tables in the kernel's parameters, for small batches: with a cold L2 every
// dependent read of a table in device memory costs most of a microsecond.
inline constexpr int kSmallBatch = 16;
inline constexpr int kSmallCut = 16;
struct SmallTables {
  std::int64_t chunk_prefix[kSmallBatch + 1];
  std::int64_t part_prefix[kSmallBatch + 1];
  std::int64_t n_kv[kSmallBatch];
  std::int64_t kv_begin[kSmallBatch];
  CutTile cut_tiles[kSmallCut];
};

struct DecodeArgs {
  const void* q;       // [batch, s_q, heads, 576]
  const void* kv;      // [kv_rows, 576]
  const void* v;       // [kv_rows, 512] or null
  void* out;           // [batch, s_q, heads, 512]
  float* lse;          // [batch, s_q, heads]
  float* partial_o;    // [partial][rows_per_tile][512], not normalised
  float2* partial_ml;  // [partial][rows_per_tile]: maximum (log2 domain), sum

  schedule::WorkView work;       // prefix arrays on the device
  const std::int64_t* n_kv;      // [batch]
  const std::int64_t* kv_begin;  // [batch]
  const CutTile* cut_tiles;      // [cut_tile_count]
  int cut_tile_count;
  int chunk;
  int heads;
  int s_q;
  int v_column;      // first column of V in a cache row
  float scale_log2;  // softmax scale · log2(e)
  bool has_empty;    // some request has no token
  bool is_small;     // `small` holds the tables
  SmallTables small;

  MLAWAVE_HD int rows() const { return heads * s_q; }
  MLAWAVE_HD schedule::WorkView tables() const {
    schedule::WorkView view = work;
    if (is_small) view.chunk_prefix = small.chunk_prefix, view.part_prefix = small.part_prefix;
    return view;
  }
  MLAWAVE_HD std::int64_t tokens_of(int request) const {
    return is_small ? small.n_kv[request] : n_kv[request];
  }
  MLAWAVE_HD std::int64_t first_row_of(int request) const {
    return is_small ? small.kv_begin[request] : kv_begin[request];
  }
  MLAWAVE_HD CutTile cut_tile(int i) const { return is_small ? small.cut_tiles[i] : cut_tiles[i]; }
  // Tokens of the request that query row `row` sees (causal among the new ones).
  MLAWAVE_HD std::int64_t visible(std::int64_t n, int row) const {
    const std::int64_t seen = n - (s_q - 1 - row / heads);
    return seen < 0 ? 0 : seen;
  }
};

}  // namespace mlawave::cuda
