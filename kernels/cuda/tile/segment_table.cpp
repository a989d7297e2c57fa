#include "kernels/cuda/tile/segment_table.h"

namespace mlawave::cuda {
namespace {

SegmentEntry entry_of(const schedule::Segment& s, const api::MlaProblem& p, int chunk) {
  // Neighbouring chunks are one run, so that a tile may span the border between two.
  const std::int64_t runs = s.stride == 1 ? 1 : s.count;
  SegmentEntry e{};
  e.request = s.request;
  e.tile = s.tile;
  e.partial = static_cast<int>(s.partial);
  e.n_kv = static_cast<int>(p.n_kv[s.request]);
  e.row = static_cast<int>(p.kv_begin[s.request]);
  e.token = static_cast<int>(s.begin * chunk);
  e.run_tokens = static_cast<int>(s.count / runs * chunk);
  e.run_step = static_cast<int>(s.stride * chunk);
  e.runs = static_cast<int>(runs);
  e.next = -1;
  return e;
}

}  // namespace

std::vector<SegmentEntry> segment_table(const schedule::Work& work, const api::MlaProblem& p,
                                        int chunk) {
  const schedule::WorkView view = work.view();
  SegmentEntry nothing{};
  nothing.next = -1;
  std::vector<SegmentEntry> table(view.slots, nothing);
  for (int slot = 0; slot < view.slots; ++slot) {
    int last = -1;
    schedule::Segment s;
    for (schedule::SlotWalk walk(view, slot); walk.next(s);) {
      const SegmentEntry e = entry_of(s, p, chunk);
      if (last < 0) {
        table[last = slot] = e;
      } else {
        last = table[last].next = static_cast<int>(table.size());
        table.push_back(e);
      }
    }
  }
  return table;
}

}  // namespace mlawave::cuda
