#include "kernels/api/cache_rows.h"

#include <bit>

namespace mlawave::api {

CacheRows cache_rows(const MlaProblem& p, const MlaTensors& tensors, int request) {
  if (p.page_size == 0) return {p.kv_begin[request]};
  return {0, tensors.block_table + request * p.max_pages(),
          std::countr_zero(static_cast<unsigned>(p.page_size))};
}

}  // namespace mlawave::api
