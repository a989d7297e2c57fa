#include "kernels/schedule/schedule.h"

#include <algorithm>

#include "kernels/schedule/balance.h"

namespace mlawave::schedule {
namespace {

std::int64_t best_cost(const WorkView& w, const BalanceCost& cost) {
  const std::int64_t total = total_cost(w, cost);
  for (int round = 0;; ++round) {
    std::int64_t best = -1, best_price = -1;
    for (int i = 0; i < kCandidates; ++i) {
      const std::int64_t most = candidate(total, w.slots, round, i), p = price(w, cost, most);
      if (p >= 0 && (best_price < 0 || p < best_price)) best = most, best_price = p;
    }
    if (best >= 0) return best;
  }
}

std::vector<std::int64_t> balanced_ranges(const WorkView& w, const BalanceCost& cost) {
  if (w.units() == 0) return {0};
  std::vector<std::int64_t> begins(w.slots + 1);
  begins.resize(deal(w, cost, best_cost(w, cost), begins.data()).ranges + 1);
  return begins;
}

}  // namespace

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::stream_k:
      return "stream_k";
    case Kind::wave:
      return "wave";
    case Kind::split_kv:
      return "split_kv";
    case Kind::balanced:
      return "balanced";
  }
  return "?";
}

std::optional<Kind> parse_kind(std::string_view text) {
  for (Kind kind : kAllKinds)
    if (to_string(kind) == text) return kind;
  return std::nullopt;
}

Work::Work(const Policy& policy, const std::vector<std::int64_t>& n_kv, int n_tiles, int slots,
           int rows_per_cta, int memory_thousandths)
    : policy_(policy),
      n_tiles_(n_tiles),
      slots_(slots),
      chunk_prefix_{0},
      part_prefix_{0},
      range_begin_{0} {
  for (std::int64_t n : n_kv) {
    const std::int64_t chunks = ceil_div(n, policy.chunk);
    const std::int64_t cap = policy.kind == Kind::split_kv ? policy.splits : slots;
    chunk_prefix_.push_back(chunk_prefix_.back() + chunks);
    part_prefix_.push_back(part_prefix_.back() + std::min(chunks, cap));
  }
  if (policy.kind == Kind::balanced)
    range_begin_ = balanced_ranges(view(), balance_cost(rows_per_cta, memory_thousandths));
}

WorkView Work::view() const {
  return {policy_.kind,
          static_cast<int>(chunk_prefix_.size()) - 1,
          n_tiles_,
          slots_,
          policy_.splits,
          chunk_prefix_.data(),
          part_prefix_.data(),
          static_cast<int>(range_begin_.size()) - 1,
          range_begin_.data()};
}

std::int64_t Work::max_load() const {
  const WorkView w = view();
  if (has_boundaries(policy_.kind)) return ceil_div(w.units(), slots_);
  std::int64_t busiest = 0;
  for (int slot = 0; slot < slots_; ++slot) {
    std::int64_t load = 0;
    Segment s;
    for (SlotWalk walk(w, slot); walk.next(s);) load += s.count;
    busiest = std::max(busiest, load);
  }
  return busiest;
}

std::int64_t Work::partials() const {
  const WorkView w = view();
  std::int64_t n = 0;
  for (int r = 0; r < w.batch; ++r)
    for (int t = 0; t < n_tiles_; ++t)
      if (const std::int64_t parts = parts_of(w, r, t).count; parts > 1) n += parts;
  return n;
}

std::int64_t Work::partial_slots() const {
  if (partials() == 0) return 0;
  const bool by_slot = policy_.kind == Kind::stream_k || policy_.kind == Kind::balanced;
  return by_slot ? 2 * static_cast<std::int64_t>(slots_) : part_prefix_.back() * n_tiles_;
}

}  // namespace mlawave::schedule
