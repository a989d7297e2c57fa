#include <fmt/format.h>

#include <bit>
#include <limits>
#include <utility>

#include "kernels/api/kernel.h"

namespace mlawave::api {

Support check_limits(const PlanRequest& request) {
  const MlaProblem& p = request.problem;
  const auto no = [](std::string reason) { return Support{false, std::move(reason)}; };
  if (p.heads < 1 || p.heads > 128) return no(fmt::format("heads {}: expected 1..128", p.heads));
  if (p.s_q < 1 || p.s_q > 8) return no(fmt::format("s_q {}: expected 1..8", p.s_q));
  if (p.batch() < 1) return no("batch 0: expected at least 1 request");
  for (std::int64_t n : p.n_kv)
    if (n < 0 || n > std::numeric_limits<int>::max() - schedule::kMaxChunk)
      return no(fmt::format("n_kv {}: expected 0..{}", n,
                            std::numeric_limits<int>::max() - schedule::kMaxChunk));
  const int page = p.page_size;
  if (page < 0 || page > kMaxPageSize || (page > 0 && !std::has_single_bit(unsigned(page))))
    return no(fmt::format("page_size {}: expected 0 (contiguous) or a power of two from 1 to {}",
                          page, kMaxPageSize));
  // So page numbers fit the block table, and rows the coordinates of a copy engine.
  if (p.kv_rows() > std::numeric_limits<std::int32_t>::max())
    return no(fmt::format("a cache of {} rows: expected at most {}", p.kv_rows(),
                          std::numeric_limits<std::int32_t>::max()));
  const int chunk = request.policy.chunk;
  if (request.policy.kind == schedule::Kind::balanced) {
    if (chunk != schedule::kGranule)
      return no(fmt::format("chunk {}: expected {}, the granule of the schedule balanced", chunk,
                            schedule::kGranule));
  } else if (chunk < schedule::kMinChunk || chunk > schedule::kMaxChunk || chunk % 32 != 0) {
    return no(fmt::format("chunk {}: expected a multiple of 32 from 32 to 4096", chunk));
  }
  if (!(p.scale > 0)) return no(fmt::format("scale {}: expected more than 0", p.scale));
  if (request.sms < 1) return no(fmt::format("sms {}: expected at least 1", request.sms));
  return {};
}

}  // namespace mlawave::api
