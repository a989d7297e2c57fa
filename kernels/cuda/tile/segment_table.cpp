#include "kernels/cuda/tile/segment_table.h"

namespace mlawave::cuda {

std::vector<SegmentEntry> segment_table(const schedule::Work& work, const api::MlaProblem& p,
                                        int chunk) {
  const schedule::WorkView view = work.view();
  std::vector<SegmentEntry> table(view.slots, no_segment());
  for (int slot = 0; slot < view.slots; ++slot) {
    int last = -1;
    schedule::Segment s;
    for (schedule::SlotWalk walk(view, slot); walk.next(s);) {
      const std::int64_t row = p.page_size == 0 ? p.kv_begin[s.request] : 0;
      const SegmentEntry e = segment_entry(s, p.n_kv[s.request], row, chunk);
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
