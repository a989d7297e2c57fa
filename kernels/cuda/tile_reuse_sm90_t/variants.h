// The compiled variants. Built for sm_90a alone.
#pragma once

#include <cuda.h>

#include "kernels/api/problem.h"
#include "kernels/cuda/tile/decode_args.h"
#include "kernels/cuda/tile_reuse_sm90_t/config.h"

namespace mlawave::cuda::tile_reuse_sm90_t {

// Descriptors of the tensors. Whole tiles are copied in boxes of many blocks of 64 columns, since
// each copy costs its thread about 90 ns; shorter tiles block by block.
struct Maps {
  CUtensorMap k;                        // [kGroupBlocks][64 rows]
  CUtensorMap v;                        // [kVCopyBlocks][64 rows]
  CUtensorMap short_kv[kShortHeights];  // [8, 16 … 56 rows]
  CUtensorMap q;                        // [kBlocks][rows of a CTA]
};

using DecodeFunction = void (*)(DecodeArgs, Maps);

struct Variant {
  DecodeFunction function = nullptr;
  int rows = 0;  // query rows a CTA
  int ctas = 1;  // CTAs that share a head tile: a cluster
  int threads = 0;
  int shared_bytes = 0;
  PartialFormat partials = PartialFormat::f32;
};

// rows_per_tile 16, 32, 64 or 128 (a cluster of two with 64 each).
template <VSource V>
Variant variant(api::Dtype, int rows_per_tile);

template <>
Variant variant<VSource::reload>(api::Dtype, int);
template <>
Variant variant<VSource::reuse>(api::Dtype, int);

}  // namespace mlawave::cuda::tile_reuse_sm90_t
