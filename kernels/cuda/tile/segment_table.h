// The segments of every slot, walked once by the host: a producer thread with few registers follows
// them without a division.
#pragma once

#include <vector>

#include "kernels/api/problem.h"
#include "kernels/schedule/schedule.h"

namespace mlawave::cuda {

// One schedule::Segment in tokens. Its runs begin at `token`, token + run_step, … and are
// run_tokens long, cut at n_kv. Entry s is the first one of slot s; the others follow behind the
// last slot's.
struct alignas(16) SegmentEntry {
  int request, tile;
  int partial;  // -1: write the output
  int n_kv;
  int row;  // cache row of token 0
  int token;
  int run_tokens;
  int run_step;
  int runs;  // 0: the slot has no work
  int next;  // entry of the slot's next segment; -1: none
  int padding[2];
};

std::vector<SegmentEntry> segment_table(const schedule::Work&, const api::MlaProblem&, int chunk);

}  // namespace mlawave::cuda
