#include "harness/analysis/tune.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "harness/analysis/series.h"
#include "harness/analysis/steps.h"

namespace mlawave::analysis {
namespace {

std::string name_of(const Choice& c) {
  return fmt::format("{} {} chunk {}", c.kernel, schedule_text(c.policy), c.policy.chunk);
}

// Its load grows by granules, with the time: no row is a step more than another.
bool promises_no_boundary(schedule::Kind kind) { return kind == schedule::Kind::balanced; }

// A choice that stopped early would shorten the range for all.
void drop_short(std::vector<Choice>& choices, std::vector<std::string>& dropped) {
  std::size_t most = 0;
  for (const Choice& c : choices) most = std::max(most, c.rows.size());
  std::erase_if(choices, [&](const Choice& c) {
    const bool is_short = 2 * c.rows.size() < most;
    if (is_short)
      dropped.push_back(
          fmt::format("{}: {} rows with a time, others have {}", name_of(c), c.rows.size(), most));
    return is_short;
  });
}

// Returns how many n_kv are not common to all.
std::size_t keep_common(std::vector<Choice>& choices) {
  std::map<std::int64_t, std::size_t> seen;
  for (const Choice& c : choices)
    for (const TuneRow& r : c.rows) ++seen[r.row.n_kv];
  for (Choice& c : choices)
    std::erase_if(c.rows, [&](const TuneRow& r) { return seen[r.row.n_kv] < choices.size(); });
  return static_cast<std::size_t>(std::count_if(
      seen.begin(), seen.end(), [&](const auto& s) { return s.second < choices.size(); }));
}

double weight(const std::vector<TuneRow>& rows, std::size_t i) {
  const std::size_t at = std::max<std::size_t>(i, 1);
  return static_cast<double>(rows[at].row.n_kv - rows[at - 1].row.n_kv);
}

// A row that stands alone is no step (steps.h).
std::vector<LoadedRow> without_spikes(const std::vector<TuneRow>& rows) {
  Series s;
  for (const TuneRow& r : rows) {
    Point& p = s.points.emplace_back();
    p.n_kv = r.row.n_kv;
    p.time_us = r.row.time_us;
  }
  const Curve curve = prepare(s);
  std::vector<LoadedRow> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out.push_back(rows[i].row);
    out.back().time_us = curve.y[i];
  }
  return out;
}

Judged judged(const Choice& c) {
  Judged out;
  out.kernel = c.kernel;
  out.policy = c.policy;
  out.combine_modelled = c.combine_modelled;
  double tokens = 0, squares = 0, combine = 0;
  bool every_combine = true;
  for (std::size_t i = 0; i < c.rows.size(); ++i) {
    const TuneRow& r = c.rows[i];
    const double w = weight(c.rows, i);
    tokens += w;
    out.total_us += w * r.row.time_us;
    squares += w * r.row.half_us * w * r.row.half_us;
    combine += w * r.combine_us.value_or(0);
    every_combine = every_combine && r.combine_us;
  }
  out.mean_us = out.total_us / tokens;
  out.mean_half_us = std::sqrt(squares) / tokens;
  if (every_combine) out.combine_us = combine / tokens;
  const std::vector<LoadedRow> rows = without_spikes(c.rows);
  out.jumps = promises_no_boundary(c.policy.kind) ? jumps_anywhere(rows)
                                                  : jumps_at_boundaries(rows, c.policy.chunk);
  out.depth_percent = out.jumps.depth_percent();
  return out;
}

// Among equally shallow ones the faster, which comes first.
std::optional<std::size_t> shallowest(const std::vector<Judged>& all,
                                      const std::vector<std::size_t>& among, double most_us) {
  std::optional<std::size_t> best;
  for (std::size_t i : among)
    if (all[i].depth_percent && all[i].total_us <= most_us &&
        (!best || *all[i].depth_percent < *all[*best].depth_percent))
      best = i;
  return best;
}

// Where no step stands out anywhere and every choice has some, the noise decides, not the schedule.
bool depth_can_be_told(const std::vector<Judged>& all, const std::vector<std::size_t>& among) {
  return std::any_of(among.begin(), among.end(), [&](std::size_t i) {
    const Jumps& j = all[i].jumps;
    return j.stands_out() || (!j.largest && j.too_coarse == 0);
  });
}

Best best_of(const std::vector<Judged>& all, const std::vector<std::size_t>& among) {
  Best b;
  b.least = among.front();
  if (!depth_can_be_told(all, among)) return b;
  const double least_us = all[b.least].total_us;
  b.shallowest = shallowest(all, among, HUGE_VAL);
  b.shallowest_affordable = shallowest(all, among, least_us * (1 + kAffordablePercent / 100));
  return b;
}

void compare_with_least(std::vector<Judged>& all, double tie) {
  const Judged& least = all.front();
  for (Judged& j : all) {
    j.slower_percent = 100 * (j.total_us / least.total_us - 1);
    const double noise = std::hypot(j.mean_half_us, least.mean_half_us);
    j.as_good_as_least = j.mean_us - least.mean_us <= std::max(noise, tie * least.mean_us);
  }
}

}  // namespace

Judgement judge(std::vector<Choice> choices, double tie) {
  Judgement out;
  drop_short(choices, out.dropped);
  out.rows_left_out = keep_common(choices);
  constexpr std::size_t kFewest = 2;
  if (choices.empty() || choices.front().rows.size() < kFewest) return out;
  out.rows = choices.front().rows.size();
  out.first_n_kv = choices.front().rows.front().row.n_kv;
  out.last_n_kv = choices.front().rows.back().row.n_kv;
  for (const Choice& c : choices) out.choices.push_back(judged(c));
  std::stable_sort(out.choices.begin(), out.choices.end(),
                   [](const Judged& a, const Judged& b) { return a.total_us < b.total_us; });
  compare_with_least(out.choices, tie);
  std::map<std::string, std::vector<std::size_t>> by_kernel;
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < out.choices.size(); ++i) {
    by_kernel[out.choices[i].kernel].push_back(i);
    all.push_back(i);
  }
  out.overall = best_of(out.choices, all);
  for (const auto& [kernel, list] : by_kernel)
    out.kernels.push_back({kernel, best_of(out.choices, list)});
  return out;
}

std::string schedule_text(const schedule::Policy& p) {
  std::string text{schedule::to_string(p.kind)};
  if (p.kind == schedule::Kind::split_kv) text += fmt::format(" {}", p.splits);
  return text;
}

}  // namespace mlawave::analysis
