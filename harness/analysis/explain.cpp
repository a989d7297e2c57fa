#include "harness/analysis/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <numeric>

#include "harness/analysis/advice.h"
#include "harness/analysis/chance.h"
#include "harness/analysis/events.h"
#include "harness/analysis/fitted.h"
#include "harness/analysis/sawtooth.h"
#include "harness/analysis/scope.h"
#include "harness/analysis/steps.h"
#include "harness/stats/quantiles.h"

namespace mlawave::analysis {
namespace {

constexpr std::size_t kFewestRows = 6;
constexpr double kSure = 0.01;     // p-value of a claim
constexpr double kPerhaps = 0.05;  // p-value worth a mention
constexpr double kEdge = 5;        // score that stands out from the noise
constexpr const char* kOneEvent =
    "one jump, at a predicted boundary: suggestive, but one event proves no period";
constexpr double kAsGood = 0.7;        // shifted boundaries this good make the phase doubtful
constexpr double kShortPeriod = 2304;  // tokens: tiles and pages have such periods, too

// Everything the verdict is taken from.
struct Evidence {
  Curve curve;
  int batch = 1;
  std::vector<Steps> windows;  // [kWindows]
  std::vector<Candidate> all;
  std::vector<Chance> chances;
  std::size_t best = 0;  // index into all
  const Candidate& chosen() const { return all[best]; }
  const Chance& chance() const { return chances[best]; }
  bool planned = false;  // boundaries are the plan's own, of no formula
  // Tokens of one request from one step to the next.
  double period() const {
    const auto& b = chosen().boundaries;
    if (!planned) return chosen().hypotheses.front().period() / batch;
    if (b.size() < 2) return static_cast<double>(b.front().n_kv);
    return static_cast<double>(b.back().n_kv - b.front().n_kv) / static_cast<double>(b.size() - 1);
  }
  const Steps& steps() const { return windows[static_cast<std::size_t>(chance().window)]; }
  double score(const Boundary& b) const { return steps().score[b.gap]; }
};

std::vector<std::size_t> gaps_of(const std::vector<Boundary>& boundaries) {
  std::vector<std::size_t> gaps;
  for (const Boundary& b : boundaries) gaps.push_back(b.gap);
  return gaps;
}

// A boundary shows when its own jump stands out; with many of them, less is asked of each.
double shows_from(std::size_t boundaries) { return boundaries >= 6 ? 1.5 : 3; }

std::int64_t count_seen(const Evidence& e) {
  const double least = shows_from(e.chosen().boundaries.size());
  return std::count_if(e.chosen().boundaries.begin(), e.chosen().boundaries.end(),
                       [&](const Boundary& b) { return e.score(b) >= least; });
}

// The sub-multiples of a period catch its steps too. Take the largest period whose boundaries hold
// what the smaller one's hold.
std::size_t prefer_largest(const Evidence& e, std::size_t best) {
  constexpr double kNothing = 2;
  const auto& score = e.windows[static_cast<std::size_t>(e.chances[best].window)].score;
  const auto gaps = gaps_of(e.all[best].boundaries);
  std::size_t chosen = best;
  for (std::size_t i = 0; i < e.all.size(); ++i) {
    const auto mine = gaps_of(e.all[i].boundaries);
    if (mine.size() >= gaps_of(e.all[chosen].boundaries).size()) continue;
    if (!std::includes(gaps.begin(), gaps.end(), mine.begin(), mine.end())) continue;
    double rest = 0;
    for (std::size_t g : gaps)
      if (!std::binary_search(mine.begin(), mine.end(), g)) rest += std::max(score[g], 0.0);
    if (rest < kNothing * static_cast<double>(gaps.size() - mine.size()) &&
        e.chances[i].p_value <= std::max(e.chances[best].p_value, kSure))
      chosen = i;
  }
  return chosen;
}

// Sum of the uncut scores: tells placements apart whose cut scores are equal.
double uncut(const Evidence& e, std::size_t i) {
  double sum = 0;
  for (const Boundary& b : e.all[i].boundaries)
    sum += e.windows[static_cast<std::size_t>(e.chances[i].window)].score[b.gap];
  return sum / std::sqrt(static_cast<double>(e.all[i].boundaries.size()));
}

std::size_t strongest(const Evidence& e) {
  constexpr double kSame = 1e-6;
  std::size_t best = 0;
  for (std::size_t i = 1; i < e.all.size(); ++i) {
    const double gain = e.chances[i].statistic - e.chances[best].statistic;
    if (gain > kSame || (gain > -kSame && uncut(e, i) > uncut(e, best))) best = i;
  }
  return best;
}

// A schedule whose plan says every row's load: the boundaries are where it goes up.
std::vector<Candidate> planned(const Series& s, const Curve& c, const Hypothesis& h) {
  Candidate out;
  out.hypotheses = {h};
  for (std::size_t i = 1; i + 2 < c.rows(); ++i) {
    const Point& before = s.points[c.point[i]];
    const Point& after = s.points[c.point[i + 1]];
    if (before.load > 0 && after.load > before.load)
      out.boundaries.push_back({before.load, before.n_kv, i});
  }
  if (out.boundaries.empty()) return {};
  return {out};
}

bool follows_formula(const Series& s) {
  return s.schedule.empty() || s.schedule == "stream_k" || s.schedule == "wave";
}

Evidence gather(const Series& s, const Setting& setting, const Question& q) {
  Evidence e;
  e.curve = prepare(s);
  e.batch = s.batch;
  e.planned = !follows_formula(s);
  for (int w = 1; w <= kWindows; ++w) e.windows.push_back(steps_of(e.curve, w));
  e.all = !e.planned ? candidates(e.curve, setting.scope, s.rule, s.tokens, s.batch)
                     : planned(s, e.curve, combinations(setting.scope).front().front());
  if (e.all.empty()) return e;
  std::vector<Placement> placements;
  for (const Candidate& c : e.all) placements.push_back({gaps_of(c.boundaries)});
  std::vector<std::vector<double>> scores;
  for (const Steps& w : e.windows) scores.push_back(w.score);
  e.chances = test_placements(scores, placements, q.shuffles, q.seed);
  if (s.either_rule)  // two searches have twice the luck (Bonferroni)
    for (Chance& c : e.chances) c.p_value = std::min(1.0, 2 * c.p_value);
  e.best = prefer_largest(e, strongest(e));
  return e;
}

// The best statistic of all boundaries shifted by the same rows, over the statistic unshifted. A
// shift by one row may catch a boundary between rows, so it need only not be better.
double shifted_as_well(const Evidence& e) {
  const auto gaps = gaps_of(e.chosen().boundaries);
  const auto& score = e.steps().score;
  const double period_rows = e.period() / std::max(1.0, e.curve.row_step);
  const auto half = static_cast<std::int64_t>(std::max(1.0, std::floor(period_rows / 2)));
  constexpr std::int64_t kMostShifts = 500;
  const std::int64_t stride = std::max<std::int64_t>(1, 2 * half / kMostShifts);
  // On a quiet curve every bend scores: what counts is how it compares with the steps.
  std::vector<double> own;
  for (std::size_t g : gaps) own.push_back(score[g]);
  const double most = std::max(kMostScore, stats::median(own));
  const double here = statistic(score, gaps, most);
  if (here <= 0) return 1;
  double best = 0;
  for (std::int64_t shift = -half; shift <= half; shift += stride) {
    if (shift == 0) continue;
    std::vector<std::size_t> moved;
    for (std::size_t g : gaps) {
      const auto to = static_cast<std::int64_t>(g) + shift;
      if (to >= 0 && to < static_cast<std::int64_t>(score.size()))
        moved.push_back(static_cast<std::size_t>(to));
    }
    if (2 * moved.size() < gaps.size() || moved.empty()) continue;
    const double there = statistic(score, moved, most) / here;
    best = std::max(best, std::abs(shift) == 1 ? there * kAsGood : there);
  }
  return best;
}

double interval_half_us(const Evidence& e, const Boundary& b) {
  return stats::kTwoSided95 * e.steps().error_us[b.gap];
}

Dip dip_at(const Evidence& e, const Boundary& b) {
  Dip d;
  d.boundary = b.n_kv;
  d.m = b.m;
  d.n_kv = static_cast<std::int64_t>(e.curve.n[b.gap + 1]);
  d.jump_us = e.steps().jump_us[b.gap];
  const double fast = e.curve.y[b.gap];
  d.jump_percent = 100 * d.jump_us / fast;
  d.interval_percent[0] = 100 * (d.jump_us - interval_half_us(e, b)) / fast;
  d.interval_percent[1] = 100 * (d.jump_us + interval_half_us(e, b)) / fast;
  d.score = e.score(b);
  return d;
}

// Edges and spikes as large as the dips that the boundaries don't account for.
std::int64_t disturbances(const Evidence& e, const std::vector<Edge>& others, double typical_us) {
  constexpr double kAsLarge = 0.75;
  std::int64_t n = std::count_if(others.begin(), others.end(), [&](const Edge& o) {
    return std::abs(o.jump_us) >= kAsLarge * typical_us;
  });
  for (double us : e.curve.spike_us) n += std::abs(us) >= kAsLarge * typical_us ? 1 : 0;
  return n;
}

// With one event the search over unusual machines proves nothing: some boundary is always near.
bool usual(const Hypothesis& h) {
  const auto one_of = [](int x, std::initializer_list<int> list) {
    return std::find(list.begin(), list.end(), x) != list.end();
  };
  return one_of(h.ctas_per_sm, {1, 2, 4}) && one_of(h.n_tiles, {1, 2, 4, 6, 8});
}

// One jump that dwarfs every other rise of the curve, at a boundary of a machine that is usual or
// was given.
bool lone_jump(const Evidence& e) {
  const auto& list = e.chosen().hypotheses;
  if (e.all.size() > 1 && std::none_of(list.begin(), list.end(), usual)) return false;
  const auto& boundaries = e.chosen().boundaries;
  const auto strongest = std::max_element(
      boundaries.begin(), boundaries.end(),
      [&](const Boundary& a, const Boundary& b) { return e.score(a) < e.score(b); });
  const double score = e.score(*strongest);
  double second = 0;
  for (std::size_t g = 0; g + 1 < e.curve.gaps(); ++g)  // no boundary is looked for in the last gap
    if (g + 1 < strongest->gap || g > strongest->gap + 1)
      second = std::max(second, e.steps().score[g]);
  return (score >= kPlainScore && score >= 2 * second) || (score >= 3.5 && score >= 4 * second);
}

// Every boundary of a usual machine shows, and no other rise comes near.
bool plain_jumps(const Evidence& e) {
  const auto& list = e.chosen().hypotheses;
  const auto& boundaries = e.chosen().boundaries;
  if (boundaries.size() < 2 || std::none_of(list.begin(), list.end(), usual)) return false;
  double least = e.score(boundaries.front()), second = 0;
  for (const Boundary& b : boundaries) least = std::min(least, e.score(b));
  for (std::size_t g = 0; g + 1 < e.curve.gaps(); ++g)  // as above
    if (std::none_of(boundaries.begin(), boundaries.end(),
                     [&](const Boundary& b) { return g + 1 >= b.gap && g <= b.gap + 1; }))
      second = std::max(second, e.steps().score[g]);
  return least >= kPlainScore && least >= 2 * second;
}

// Each step of a wave adds the same work: jumps far below the typical one are something else.
bool even_jumps(const Evidence& e, double typical_us) {
  constexpr double kLeast = 0.4;
  const auto& boundaries = e.chosen().boundaries;
  const auto even = std::count_if(boundaries.begin(), boundaries.end(), [&](const Boundary& b) {
    return e.steps().jump_us[b.gap] + interval_half_us(e, b) >= kLeast * typical_us;
  });
  return 4 * even >= 3 * std::ssize(boundaries);
}

double best_possible_p(const Evidence& e) {
  double least = 1;
  for (const Candidate& c : e.all) {
    double log_ways = 0;
    const double n = static_cast<double>(e.curve.gaps());
    const double k = static_cast<double>(c.boundaries.size());
    for (double i = 0; i < k; ++i) log_ways += std::log((n - i) / (i + 1));
    least = std::min(least, std::exp(-log_ways));
  }
  return least;
}

std::optional<int> agreed(const std::vector<Hypothesis>& list, int Hypothesis::*field) {
  for (const Hypothesis& h : list)
    if (h.*field != list.front().*field) return std::nullopt;
  return list.front().*field;
}

void describe_hypothesis(Explanation& out, const Evidence& e, const Setting& setting) {
  out.hypotheses = e.chosen().hypotheses;
  out.period_tokens = e.period();
  out.p_value = e.chance().p_value;
  out.boundaries = static_cast<std::int64_t>(e.chosen().boundaries.size());
  out.seen = count_seen(e);
  out.shifted = shifted_as_well(e);
  out.sms = agreed(out.hypotheses, &Hypothesis::real_sms);
  out.ctas_per_sm = agreed(out.hypotheses, &Hypothesis::ctas_per_sm);
  out.n_tiles = agreed(out.hypotheses, &Hypothesis::n_tiles);
  if (!setting.sms_known) out.sms_source = out.sms ? "inferred from the period" : "can't be told";
}

// Nothing was found: the period that chance liked best is not worth a word.
void forget_hypothesis(Explanation& out, const Setting& setting) {
  const Scope& scope = setting.scope;
  const auto only = [](const std::vector<int>& v) {
    return v.size() == 1 ? std::optional<int>(v.front()) : std::nullopt;
  };
  out.sms = only(scope.sms);
  out.ctas_per_sm = only(scope.ctas_per_sm);
  out.n_tiles = only(scope.n_tiles);
  out.sms_source = setting.sms_source;
  if (!(out.sms && out.ctas_per_sm && out.n_tiles)) out.period_tokens.reset();
}

void say_unresolvable(Explanation& out, std::string reason) {
  out.verdict = Verdict::unresolvable;
  out.reason = std::move(reason);
}

// No boundary can be looked at: why.
void without_candidates(Explanation& out, const Series& s, const Evidence& e,
                        const Setting& setting) {
  if (e.planned) {
    out.verdict = Verdict::none;
    out.reason = fmt::format("the {} plan has no step inside these rows", s.schedule);
    return;
  }
  const auto all = combinations(setting.scope);
  const bool one = all.size() == 1;
  const double period = all.front().front().period() / s.batch;
  if (one) out.period_tokens = period;
  if (one && period >= 2 * e.curve.row_step && !e.curve.n.empty() &&
      period > e.curve.n.back() - 2 * e.curve.row_step) {
    out.verdict = Verdict::none;
    out.reason = fmt::format(
        "the first boundary ({:.0f} tokens) lies beyond the rows that could show it, so there is "
        "nothing to see",
        period);
    return;
  }
  if (one)
    return say_unresolvable(
        out, fmt::format("rows are {:.0f} tokens apart, more than half the period of {:.0f}: steps "
                         "and slope can't be told apart",
                         e.curve.row_step, period));
  say_unresolvable(out, fmt::format("rows are {:.0f} tokens apart and reach {:.0f}: too coarse or "
                                    "too short for any period that this card could have",
                                    e.curve.row_step, e.curve.n.empty() ? 0 : e.curve.n.back()));
}

void judge(Explanation& out, const Evidence& e, const std::vector<Edge>& others, bool sms_said) {
  const double p = e.chance().p_value;
  std::vector<Dip> seen;
  std::vector<double> jumps;
  for (const Boundary& b : e.chosen().boundaries)
    if (e.score(b) >= shows_from(e.chosen().boundaries.size())) {
      seen.push_back(dip_at(e, b));
      jumps.push_back(seen.back().jump_us);
    }
  const double typical = jumps.empty() ? 0 : stats::median(jumps);
  const std::int64_t disturbed = disturbances(e, others, typical);
  const bool enough = out.boundaries >= 2 && 4 * out.seen >= 3 * out.boundaries && out.seen >= 2;
  const bool quiet = 2 * disturbed <= out.seen;
  const bool in_phase = out.shifted <= kAsGood;
  const bool even = even_jumps(e, typical);
  const bool of_sms = sms_said || *out.period_tokens > kShortPeriod;
  if (p <= kSure && enough && quiet && in_phase && even && of_sms) {
    out.verdict = Verdict::waves;
    out.reason = fmt::format("{} of {} predicted boundaries show", out.seen, out.boundaries);
    for (Dip& d : seen) d.confidence = d.score >= 5 ? Confidence::high : Confidence::medium;
  } else if (out.boundaries == 1 && lone_jump(e)) {
    out.verdict = Verdict::ambiguous;
    out.reason = kOneEvent;
  } else if (p <= kSure && out.boundaries > 1) {
    out.verdict = Verdict::ambiguous;
    out.reason =
        out.seen < 2 ? fmt::format(
                           "the {} boundaries together stand out (p = {:.2g}), but each is "
                           "lost in the noise",
                           out.boundaries, p)
        : !quiet
            ? fmt::format("{} of {} predicted boundaries show, but {} other events are as large",
                          out.seen, out.boundaries, disturbed)
        : !enough   ? fmt::format("only {} of {} predicted boundaries show by themselves", out.seen,
                                  out.boundaries)
        : !in_phase ? std::string("boundaries a few rows off fit as well")
        : !even     ? std::string("the jumps differ too much: the steps of waves are about equal")
                    : std::string(
                          "a period this short may as well be tile or page rounding; the SM "
                              "count would tell");
  } else if (lone_jump(e)) {
    out.verdict = Verdict::ambiguous;
    out.reason = kOneEvent;
  } else if ((p <= kPerhaps && out.seen >= 2) || plain_jumps(e)) {
    out.verdict = Verdict::ambiguous;
    out.reason = fmt::format(
        "{} of {} predicted boundaries show; among {} rows chance does as well in {:.1f} % of "
        "tries",
        out.seen, out.boundaries, e.curve.rows(), 100 * p);
  } else {
    out.verdict = Verdict::none;
    out.reason = "no steps at the boundaries of any schedule that was tried";
    return;
  }
  if (out.verdict == Verdict::ambiguous)
    std::erase_if(seen, [&](const Dip& d) { return d.score < 3 || d.jump_us > 3 * typical; });
  out.dips = std::move(seen);
}

// The time model under the hypothesis that was chosen, and what it says of each dip.
void add_model(Explanation& out, const Series& s, const Evidence& e) {
  if (!follows_formula(s) || e.all.empty()) return;
  const Hypothesis& h = e.chosen().hypotheses.front();
  const auto fit = fit_curve(s, e.curve, h);
  if (!fit) return;
  out.model = summary_of(*fit, s.rule == RowRule::appending);
  const std::vector<double> steps = predicted_steps(s, e.curve, h, *fit);
  for (Dip& d : out.dips)
    for (const Boundary& b : e.chosen().boundaries)
      if (b.n_kv == d.boundary) d.predicted_percent = steps[b.gap];
}

// A single step in range proves no period; that the same kernel's steps move with SM count and
// chunk, in other curves of the sweep, does.
void lean_on_siblings(Explanation& e, std::size_t i, const std::vector<Series>& all,
                      const std::vector<Explanation>& alone) {
  constexpr double kAlmostSure = 0.02;
  constexpr int kFewestSiblings = 2;
  if (e.verdict != Verdict::ambiguous || e.boundaries != 1 || e.dips.size() != 1) return;
  if (all[i].family.empty() || e.hypotheses.size() != 1 || *e.p_value > kAlmostSure) return;
  int siblings = 0;
  for (std::size_t j = 0; j < all.size(); ++j)
    siblings += all[j].family == all[i].family && alone[j].verdict == Verdict::waves &&
                        alone[j].hypotheses.size() == 1 && alone[j].period_tokens != e.period_tokens
                    ? 1
                    : 0;
  if (siblings < kFewestSiblings) return;
  e.verdict = Verdict::waves;
  e.reason = fmt::format(
      "the one boundary in range shows, and in {} other curves of this kernel "
      "the steps move with SM count and chunk as predicted",
      siblings);
  e.dips[0].confidence = Confidence::medium;
  e.advice = advice_for(all[i], e);
}

Explanation explain_with_its_rule(const Series& s, const Question& q) {
  Explanation out;
  out.name = s.name;
  out.points = s.points.size();
  out.measured = s.backend != "model";
  out.batch = s.batch;
  out.bad_rows = s.bad_rows;
  const Setting setting = setting_of(s, q);
  out.chunk = setting.scope.chunk;
  out.sms_source = setting.sms_source;
  if (setting.sms_known) out.sms = setting.scope.sms.front();
  if (setting.scope.ctas_per_sm.size() == 1) out.ctas_per_sm = setting.scope.ctas_per_sm.front();
  if (setting.scope.n_tiles.size() == 1) out.n_tiles = setting.scope.n_tiles.front();

  const Evidence e = gather(s, setting, q);
  out.row_step = e.curve.row_step;
  if (e.curve.rows() < kFewestRows) {
    say_unresolvable(out, fmt::format("{} rows after the warm-up are too few to tell a step from a "
                                      "slope",
                                      e.curve.rows()));
    out.advice = advice_for(s, out);
    return out;
  }
  out.noise_percent = 100 * noise_us(e.curve) / stats::median(e.curve.y);
  const std::vector<Edge> edges = edges_of(e.curve, e.windows, kEdge);
  std::vector<Edge> others = edges;
  if (setting.no_sms) {
    out.verdict = Verdict::none;
    out.reason = "a CPU run: there are no SMs whose waves could show";
  } else if (e.all.empty()) {
    without_candidates(out, s, e, setting);
  } else {
    describe_hypothesis(out, e, setting);
    const Hypothesis& h = e.chosen().hypotheses.front();
    others = unaccounted(edges, e.chosen().boundaries);
    // A boundary at the first or last row can't be judged, but it accounts for a step there.
    if (follows_formula(s))
      others = unaccounted(others, boundaries_in(e.curve, h, s.rule, s.tokens, s.batch, 1));
    judge(out, e, others, setting.sms_known && h.sms == h.real_sms);
    if (out.verdict == Verdict::none) {
      others = edges;
      if (best_possible_p(e) > kPerhaps)
        say_unresolvable(out, fmt::format("{} rows, {:.0f} tokens apart, are too few: even a step "
                                          "at every boundary could be chance",
                                          e.curve.rows(), e.curve.row_step));
    }
  }
  if (out.verdict == Verdict::none) forget_hypothesis(out, setting);
  const bool given = setting.sms_known && combinations(setting.scope).size() == 1;
  if (out.verdict == Verdict::waves || out.verdict == Verdict::ambiguous || given)
    add_model(out, s, e);
  out.other_events = name_events(s, e.curve, others);
  const bool told =
      out.verdict == Verdict::waves || (out.verdict == Verdict::ambiguous && setting.sms_known);
  const double explained = told ? *out.period_tokens : 0;
  if (auto saw = short_sawtooth(s, e.curve, e.windows.front(), explained))
    out.other_events.push_back(*std::move(saw));
  if (auto bend = l2_bend(s, e.curve)) out.other_events.push_back(*std::move(bend));
  out.advice = advice_for(s, out);
  return out;
}

// Claims more; at equal claims, with less help from chance.
bool says_more(const Explanation& a, const Explanation& b) {
  const auto claim = [](const Explanation& e) {
    return e.verdict == Verdict::waves ? 2 : e.verdict == Verdict::ambiguous ? 1 : 0;
  };
  if (claim(a) != claim(b)) return claim(a) > claim(b);
  return claim(a) > 0 && a.p_value.value_or(1) < b.p_value.value_or(1);
}

}  // namespace

Explanation explain(const Series& s, const Question& q) {
  Explanation out = explain_with_its_rule(s, q);
  if (!s.either_rule) return out;
  Series other = s;
  other.rule = s.rule == RowRule::exact ? RowRule::appending : RowRule::exact;
  Explanation second = explain_with_its_rule(other, q);
  return says_more(second, out) ? second : out;
}

std::vector<Explanation> explain_all(const std::vector<Series>& all, const Question& q) {
  std::vector<Explanation> out;
  for (const Series& s : all) out.push_back(explain(s, q));
  const std::vector<Explanation> alone = out;
  for (std::size_t i = 0; i < all.size(); ++i) lean_on_siblings(out[i], i, all, alone);
  return out;
}

}  // namespace mlawave::analysis
