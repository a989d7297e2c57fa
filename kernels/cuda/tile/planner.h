// The `balanced` schedule made on the device, from lengths that only the device has: one small
// launch for a step, whose tables all layers of a model then use.
#pragma once

#include <cuda_runtime.h>

#include "kernels/cuda/tile/decode_args.h"
#include "kernels/schedule/balance.h"

namespace mlawave::cuda {

struct PlannerArgs {
  const std::int64_t* n_kv;      // [batch]
  const std::int64_t* kv_begin;  // [batch]
  std::int64_t* chunk_prefix;    // [batch + 1], for use, where shared memory is too small
  std::int64_t* range_begin;     // [slots + 1], the same
  SegmentEntry* segments;        // [slots + batch · n_tiles], written
  CutTile* cut_tiles;            // [most_cut_tiles], written
  int most_cut_tiles;            // min(slots, batch · n_tiles)
  int batch, n_tiles, slots;
  schedule::BalanceCost cost;
  bool in_shared;  // set by launch_planner()
};

void launch_planner(const PlannerArgs&, cudaStream_t);

}  // namespace mlawave::cuda
