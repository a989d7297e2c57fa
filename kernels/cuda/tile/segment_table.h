// The segments of every slot as a table, so that a kernel follows them without a division: made by
// the host for a plan, or by the device (planner.cu) from the same functions.
#pragma once

#include <vector>

#include "kernels/api/problem.h"
#include "kernels/schedule/schedule.h"

namespace mlawave::cuda {

// One schedule::Segment in tokens. Its runs begin at `token`, token + run_step, … (run_step is the
// launch's) and are run_tokens long, cut at n_kv. Entry s is the first one of slot s; the others
// follow behind the last slot's.
struct alignas(16) SegmentEntry {
  unsigned request : 24;
  unsigned tile : 8;  // at most 64 tiles: 128 heads × 8 tokens in rows of 16
  int partial;        // -1: write the output
  int n_kv;
  int row;  // cache row of token 0; of a paged cache: 0
  int token;
  int run_tokens;
  int runs;  // 0: the slot has no work
  int next;  // entry of the slot's next segment; -1: none
};
static_assert(sizeof(SegmentEntry) == 32);

MLAWAVE_HD constexpr SegmentEntry segment_entry(const schedule::Segment& s, std::int64_t n_kv,
                                                std::int64_t row, int chunk) {
  // Neighbouring chunks are one run, so that a tile may span the border between two.
  const std::int64_t runs = s.stride == 1 ? 1 : s.count;
  SegmentEntry e{};
  e.request = static_cast<unsigned>(s.request);
  e.tile = static_cast<unsigned>(s.tile);
  e.partial = static_cast<int>(s.partial);
  e.n_kv = static_cast<int>(n_kv);
  e.row = static_cast<int>(row);
  e.token = static_cast<int>(s.begin * chunk);
  e.run_tokens = static_cast<int>(s.count / runs * chunk);
  e.runs = static_cast<int>(runs);
  e.next = -1;
  return e;
}

MLAWAVE_HD constexpr SegmentEntry no_segment() {
  SegmentEntry e{};
  e.next = -1;
  return e;
}

std::vector<SegmentEntry> segment_table(const schedule::Work&, const api::MlaProblem&, int chunk);

}  // namespace mlawave::cuda
