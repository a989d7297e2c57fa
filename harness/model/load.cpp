#include "harness/model/load.h"

#include <vector>

namespace mlawave::model {

Load load_of(const schedule::Policy& policy, std::int64_t n_kv, int batch, int n_tiles, int slots) {
  const std::vector<std::int64_t> lengths(static_cast<std::size_t>(batch), n_kv);
  const schedule::Work work(policy, lengths, n_tiles, slots);
  Load l;
  l.units = static_cast<double>(work.units());
  l.slots = slots;
  l.max_load = static_cast<double>(work.max_load());
  l.parts = static_cast<double>(work.partials());
  l.tokens = static_cast<double>(n_kv) * batch;
  return l;
}

}  // namespace mlawave::model
