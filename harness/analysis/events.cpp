#include "harness/analysis/events.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace mlawave::analysis {
namespace {

constexpr std::size_t kNeighbourhood = 2;  // gaps
constexpr std::size_t kLongestBump = 16;   // rows between going up and coming back

std::int64_t at(const Curve& c, std::size_t row) { return static_cast<std::int64_t>(c.n[row]); }

double percent(double part, double whole) { return whole > 0 ? 100 * part / whole : 0; }

// "16 rows a tile before, 32 rows a tile after"; what stays is left out.
std::string changes_between(const std::vector<std::string>& before,
                            const std::vector<std::string>& after) {
  std::vector<std::string> was, is;
  for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
    const std::string a = i < before.size() ? before[i] : "", b = i < after.size() ? after[i] : "";
    if (a != b) was.push_back(a), is.push_back(b);
  }
  return fmt::format("{} before, {} after", fmt::join(was, ", "), fmt::join(is, ", "));
}

Event step_event(const Series& s, const Curve& c, const Edge& e) {
  Event out;
  out.n_kv = out.last_n_kv = at(c, e.gap + 1);
  out.jump_us = e.jump_us;
  out.jump_percent = percent(e.jump_us, c.y[e.gap]);
  const Point& before = s.points[c.point[e.gap]];
  const Point& after = s.points[c.point[e.gap + 1]];
  if (before.plan != after.plan) {
    out.cause = Cause::kernel_or_split_switch;
    out.evidence =
        fmt::format("the plan changes here: {}", changes_between(before.plan, after.plan));
    return out;
  }
  if (before.clock_mhz && after.clock_mhz && *after.clock_mhz > 0) {
    const double slower = *before.clock_mhz / *after.clock_mhz - 1;
    if (slower * e.jump_us > 0 && std::abs(slower) > 0.5 * std::abs(e.jump_us) / c.y[e.gap]) {
      out.cause = Cause::throttle_or_clock;
      out.evidence = fmt::format("the SM clock goes from {:.0f} to {:.0f} MHz", *before.clock_mhz,
                                 *after.clock_mhz);
      return out;
    }
  }
  if (e.jump_us > 0 && e.score >= kPlainScore) {
    out.cause = Cause::kernel_or_split_switch;
    out.evidence =
        "one lasting step at no predicted boundary, as when another kernel or split count "
        "takes over; no plan is known to prove it";
  } else {
    out.evidence = e.jump_us > 0 ? "a small lasting step at no predicted boundary"
                                 : "a drop; waves only ever add time";
  }
  return out;
}

// Time above its surroundings from row `first` to row `last`.
Event bump_event(const Curve& c, std::size_t first, std::size_t last, double jump_us) {
  Event out;
  out.n_kv = at(c, first);
  out.last_n_kv = at(c, last);
  out.jump_us = jump_us;
  out.jump_percent = percent(jump_us, c.y[first > 0 ? first - 1 : 0]);
  if (first == last) {
    out.cause = Cause::noise_or_bad_row;
    out.evidence = "one row alone; time falls back at the next";
    return out;
  }
  out.cause = Cause::throttle_or_clock;
  out.evidence = fmt::format(
      "time rises and is back {} rows later: it follows the clock or another load, not n_kv",
      last + 1 - first);
  return out;
}

// First row of a stretch that lies above the line of the rows behind a fall; rows() when the fall
// doesn't end a stretch.
std::size_t rise_before(const Curve& c, const Edge& fall) {
  const std::size_t after = fall.gap + 1;
  const std::size_t far = std::min(c.rows() - 1, after + 6);
  if (far <= after || fall.jump_us >= 0) return c.rows();
  const double slope = (c.y[far] - c.y[after]) / (c.n[far] - c.n[after]);
  std::size_t first = after;
  while (first > 0 && after - first <= kLongestBump) {
    const double line = c.y[after] + slope * (c.n[first - 1] - c.n[after]);
    if (c.y[first - 1] - line < -fall.jump_us / 4) break;
    --first;
  }
  return first == after || first == 0 || after - first > kLongestBump ? c.rows() : first;
}

Event spike_event(const Curve& c, std::size_t i) {
  const std::size_t row = c.spikes[i];
  Event out;
  out.n_kv = out.last_n_kv = at(c, row);
  out.jump_us = c.spike_us[i];
  out.jump_percent = percent(c.spike_us[i], c.y[row]);
  out.cause = Cause::noise_or_bad_row;
  out.evidence = "one row alone; its neighbours agree with each other";
  return out;
}

// A bend is no step: what rises (or falls) here must do so against the slopes of both sides.
bool against_both_slopes(const Curve& c, const Edge& e) {
  const std::size_t g = e.gap;
  if (g < 2 || g + 3 >= c.rows()) return true;
  const double rise = c.y[g + 1] - c.y[g], width = c.n[g + 1] - c.n[g];
  const double left = rise - (c.y[g] - c.y[g - 2]) / (c.n[g] - c.n[g - 2]) * width;
  const double right = rise - (c.y[g + 3] - c.y[g + 1]) / (c.n[g + 3] - c.n[g + 1]) * width;
  const double sign = e.jump_us > 0 ? 1 : -1, least = std::abs(e.jump_us) / 2;
  return sign * left > least && sign * right > least;
}

}  // namespace

std::vector<Edge> edges_of(const Curve& c, const std::vector<Steps>& windows, double least) {
  std::vector<Edge> all;
  for (std::size_t g = 0; g < c.gaps(); ++g) {
    Edge e{g, 0, 0};
    for (const Steps& w : windows)
      if (std::abs(w.score[g]) > std::abs(e.score)) e = {g, w.jump_us[g], w.score[g]};
    if (std::abs(e.score) >= least && against_both_slopes(c, e)) all.push_back(e);
  }
  std::vector<Edge> out;
  for (const Edge& e : all) {
    const bool beaten = std::any_of(all.begin(), all.end(), [&](const Edge& o) {
      const std::size_t apart = o.gap > e.gap ? o.gap - e.gap : e.gap - o.gap;
      if (apart == 0 || apart > kNeighbourhood || (o.score > 0) != (e.score > 0)) return false;
      return std::abs(o.score) > std::abs(e.score) ||
             (std::abs(o.score) == std::abs(e.score) && o.gap < e.gap);
    });
    if (!beaten) out.push_back(e);
  }
  return out;
}

std::vector<Edge> unaccounted(const std::vector<Edge>& edges,
                              const std::vector<Boundary>& boundaries) {
  std::vector<Edge> out;
  for (const Edge& e : edges) {
    const bool of_a_boundary =
        std::any_of(boundaries.begin(), boundaries.end(), [&](const Boundary& b) {
          if (e.score > 0) return e.gap + 1 >= b.gap && e.gap <= b.gap + 1;
          return e.gap + 1 >= b.gap && e.gap <= b.gap + kNeighbourhood;
        });
    if (!of_a_boundary) out.push_back(e);
  }
  return out;
}

std::vector<Event> name_events(const Series& s, const Curve& c, const std::vector<Edge>& edges) {
  std::vector<Event> out;
  std::vector<std::pair<std::size_t, std::size_t>> bumps;  // rows, first and last
  for (const Edge& e : edges)
    if (const std::size_t first = rise_before(c, e); first < c.rows()) {
      bumps.emplace_back(first, e.gap);
      out.push_back(bump_event(c, first, e.gap, -e.jump_us));
    }
  auto in_a_bump = [&](const Edge& e) {
    return std::any_of(bumps.begin(), bumps.end(), [&](const auto& b) {
      return e.gap + 1 + kNeighbourhood >= b.first && e.gap <= b.second;
    });
  };
  for (const Edge& e : edges)
    if (!in_a_bump(e)) out.push_back(step_event(s, c, e));
  for (std::size_t i = 0; i < c.spikes.size(); ++i) out.push_back(spike_event(c, i));
  std::sort(out.begin(), out.end(), [](const Event& a, const Event& b) { return a.n_kv < b.n_kv; });
  return out;
}

}  // namespace mlawave::analysis
