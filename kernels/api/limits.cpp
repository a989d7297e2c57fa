#include <fmt/format.h>

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
