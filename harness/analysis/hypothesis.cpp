#include "harness/analysis/hypothesis.h"

#include <algorithm>
#include <bit>
#include <map>
#include <numeric>

#include "kernels/schedule/schedule.h"

namespace mlawave::analysis {
namespace {

std::vector<int> with_powers_of_two(const std::vector<int>& sms) {
  std::vector<int> out = sms;
  for (int n : sms) {
    const int rounded = static_cast<int>(std::bit_floor(static_cast<unsigned>(n)));
    if (std::find(out.begin(), out.end(), rounded) == out.end()) out.push_back(rounded);
  }
  return out;
}

int real_count(const std::vector<int>& asked, int sms) {
  if (std::find(asked.begin(), asked.end(), sms) != asked.end()) return sms;
  for (int n : asked)
    if (static_cast<int>(std::bit_floor(static_cast<unsigned>(n))) == sms) return n;
  return sms;
}

// Tokens of one request at which max_load goes from m to m+1. Batch b: b times as many units.
std::int64_t last_fast(const Hypothesis& h, std::int64_t m, int batch) {
  return schedule::boundary(m, h.chunk, h.slots(), std::int64_t{h.n_tiles} * batch);
}

// The first row most of whose tokens are past the boundary.
double first_slow_from(std::int64_t boundary, RowRule rule, int tokens) {
  if (rule == RowRule::exact) return static_cast<double>(boundary) + 1;
  // Token j of a row attends to n + j + 1 tokens; half of them must be past the boundary.
  return static_cast<double>(boundary) - (tokens - 1) / 2;
}

}  // namespace

std::vector<int> usual_ctas_per_sm() { return {1, 2, 3, 4, 5, 6, 8, 10, 12, 16}; }
std::vector<int> usual_n_tiles() { return {1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32}; }

std::vector<std::vector<Hypothesis>> combinations(const Scope& scope) {
  const std::vector<int> sms = scope.power_of_two_too ? with_powers_of_two(scope.sms) : scope.sms;
  const std::vector<int> ctas = scope.ctas_per_sm.empty() ? usual_ctas_per_sm() : scope.ctas_per_sm;
  const std::vector<int> tiles = scope.n_tiles.empty() ? usual_n_tiles() : scope.n_tiles;
  std::map<std::pair<std::int64_t, std::int64_t>, std::vector<Hypothesis>> by_period;
  for (int s : sms)
    for (int c : ctas)
      for (int t : tiles) {
        const Hypothesis h{s, c, t, scope.chunk, real_count(scope.sms, s), scope.ctas_per_tile};
        const std::int64_t common = std::gcd(h.slots(), std::int64_t{t});
        by_period[{h.slots() / common, t / common}].push_back(h);
      }
  std::vector<std::vector<Hypothesis>> out;
  for (auto& [period, list] : by_period) out.push_back(std::move(list));
  return out;
}

bool resolvable(const Curve& c, const Hypothesis& h) { return h.period() >= 2 * c.row_step; }

std::vector<Boundary> boundaries_in(const Curve& c, const Hypothesis& h, RowRule rule, int tokens,
                                    int batch, std::size_t side) {
  std::vector<Boundary> out;
  if (c.rows() < 2 * kMinSide || h.period() / batch < 2 * c.row_step) return out;
  // Boundaries before the first row are stepped over at once.
  const double period = h.period() / batch;
  std::int64_t m = std::max<std::int64_t>(1, static_cast<std::int64_t>(c.n.front() / period) - 1);
  for (;;) {
    const std::int64_t n_kv = last_fast(h, m, batch);
    const double slow = first_slow_from(n_kv, rule, tokens);
    const auto row = std::lower_bound(c.n.begin(), c.n.end(), slow) - c.n.begin();
    const std::size_t r = static_cast<std::size_t>(row);
    if (r + side > c.rows()) break;
    if (r >= side && (out.empty() || out.back().gap != r - 1)) out.push_back({m, n_kv, r - 1});
    // Rows far apart hold many boundaries between them: go on from the row that was reached.
    m = std::max(m + 1, static_cast<std::int64_t>(c.n[r] / period) - 1);
  }
  return out;
}

std::vector<Candidate> candidates(const Curve& c, const Scope& scope, RowRule rule, int tokens,
                                  int batch) {
  std::map<std::vector<std::size_t>, Candidate> by_gaps;
  for (const auto& equal : combinations(scope)) {
    const std::vector<Boundary> b = boundaries_in(c, equal.front(), rule, tokens, batch);
    if (b.empty()) continue;
    std::vector<std::size_t> gaps;
    for (const Boundary& x : b) gaps.push_back(x.gap);
    Candidate& at = by_gaps[gaps];
    if (at.boundaries.empty()) at.boundaries = b;
    at.hypotheses.insert(at.hypotheses.end(), equal.begin(), equal.end());
  }
  std::vector<Candidate> out;
  for (auto& [gaps, candidate] : by_gaps) out.push_back(std::move(candidate));
  return out;
}

}  // namespace mlawave::analysis
