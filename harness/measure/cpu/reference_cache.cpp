#include "harness/measure/cpu/reference_cache.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/measure/cpu/parallel.h"
#include "kernels/reference/reference.h"

namespace mlawave::measure {
namespace {

std::string key_of(const api::MlaProblem& p, std::uint64_t seed) {
  return fmt::format("{} {} {} {} {} {} {} {} {}", seed, p.heads, p.s_q, api::to_string(p.dtype),
                     api::to_string(p.layout), p.scale, p.page_size, fmt::join(p.n_kv, ","),
                     fmt::join(p.kv_begin, ","));
}

std::size_t bytes_of(const workload::Output& o) {
  return (o.out.size() + o.lse.size()) * sizeof(double);
}

// Neighbouring rows of one query token are a problem of their own; the oracle solves them on all
// CPUs.
workload::Output solve(const api::MlaProblem& p, const api::MlaTensors& tensors) {
  const std::int64_t rows = std::int64_t{p.batch()} * p.rows();
  workload::Output all;
  all.out.resize(rows * api::kDV);
  all.lse.resize(rows);
  parallel_for(rows, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin, next; row < end; row = next) {
      next = std::min(end, (row / p.heads + 1) * p.heads);
      const int r = static_cast<int>(row / p.rows());
      api::MlaProblem part = p;
      part.heads = static_cast<int>(next - row);
      part.s_q = 1;
      part.n_kv = {p.visible(r, static_cast<int>(row % p.rows()) / p.heads)};
      api::MlaTensors t = tensors;
      if (p.page_size == 0)
        part.kv_begin = {p.kv_begin[r]};
      else
        t.block_table += r * p.max_pages();
      t.q = static_cast<const std::uint16_t*>(tensors.q) + row * api::kDQk;
      const reference::Answer answer = reference::attention(part, t);
      std::copy(answer.out.begin(), answer.out.end(), all.out.begin() + row * api::kDV);
      std::copy(answer.lse.begin(), answer.lse.end(), all.lse.begin() + row);
    }
  });
  return all;
}

}  // namespace

const workload::Output& ReferenceCache::get(const api::MlaProblem& p, std::uint64_t seed,
                                            const api::MlaTensors& tensors) {
  const std::string key = key_of(p, seed);
  const auto at =
      std::find_if(known_.begin(), known_.end(), [&](const Known& k) { return k.key == key; });
  if (at != known_.end())
    known_.splice(known_.begin(), known_, at);
  else
    known_.push_front({key, solve(p, tensors)});
  forget_oldest();
  return known_.front().answer;
}

void ReferenceCache::forget_oldest() {
  std::size_t bytes = 0;
  for (const Known& k : known_) bytes += bytes_of(k.answer);
  for (; bytes > kMaxBytes && known_.size() > 1; known_.pop_back())
    bytes -= bytes_of(known_.back().answer);
}

}  // namespace mlawave::measure
