#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "harness/analysis/advice.h"
#include "harness/analysis/confirm.h"
#include "harness/analysis/contrast.h"
#include "harness/stats/quantiles.h"

namespace mlawave::analysis {
namespace {

constexpr double kLeastSignal = 4;      // predicted jump / its standard error
constexpr int kFinest = 16;             // tokens between two rows of a site
constexpr double kGoodSignal = 8;       // more is no better
constexpr double kGoodDistance = 0.15;  // of a period, from a boundary of the other dealing

// A dip, and all that is known of the curve that it was found in.
struct Old {
  Dip dip;
  plan::Case what;
  int sms = 0;
  Dealing dealing;
  std::int64_t last_fast = 0;   // the row before the dip
  std::int64_t lo = 0, hi = 0;  // n_kv that were measured
  double noise_us = 0;          // of a row
  std::int64_t gap() const { return dip.n_kv - last_fast; }
};

// How far an attempt got; the furthest of all gives the reason.
enum class Hurdle { none_possible, out_of_range, not_apart, noise };

struct Fit {
  std::int64_t m = 0, boundary = 0;
  double predicted_us = 0;
  Site at_new, at_old;
  double quality = 0;  // 0..2
};

struct Attempt {
  std::optional<Fit> fit;
  Hurdle hurdle = Hurdle::none_possible;
  double predicted_us = 0;
};

struct Alternative {  // another SM count or chunk
  plan::Case what;
  int sms = 0;
  Dealing dealing;
  bool probed = false;
  std::vector<Attempt> attempts;  // one for each dip
};

std::optional<Site> site(std::int64_t last_before, std::int64_t first_after, std::int64_t step,
                         const Old& old) {
  Site s;
  for (int i = 0; i < kRowsPerSide; ++i) {
    s.before.push_back(last_before - (kRowsPerSide - 1 - i) * step);
    s.after.push_back(first_after + i * step);
  }
  if (s.before.front() < old.lo || s.after.back() > old.hi) return std::nullopt;
  return s;
}

// Distances of rows to try, the ones that resolve best first.
std::vector<std::int64_t> steps_for(std::int64_t gap) {
  std::vector<std::int64_t> out;
  for (std::int64_t part : {1, 2, 4, 8})
    if (const std::int64_t step = gap / part / kFinest * kFinest; step > 0) out.push_back(step);
  if (out.empty()) out.push_back(kFinest);
  return out;
}

// Rows on two plateaus of the new dealing, with no boundary of the old one among them.
std::optional<Site> new_site(const Old& old, const Dealing& now, std::int64_t boundary,
                             std::int64_t step) {
  const std::int64_t chunk = now.policy.chunk;
  auto s = site(boundary, boundary + chunk, step, old);
  if (!s) return s;
  const bool apart = is_flat(now, s->before.front(), s->before.back(), chunk) &&
                     is_flat(now, s->after.front(), s->after.back(), chunk) &&
                     is_flat(old.dealing, s->before.front(), s->after.back(), old.gap());
  return apart ? s : std::nullopt;
}

// Rows around the old dip, on one plateau of the new dealing.
std::optional<Site> old_site(const Old& old, const Dealing& now, std::int64_t step) {
  auto s = site(old.last_fast, old.dip.n_kv, step, old);
  return s && is_flat(now, s->before.front(), s->after.back(), now.policy.chunk) ? s : std::nullopt;
}

struct Sighted {
  Site site;
  double signal = 0;
};

template <class Make>
std::optional<Sighted> best_site(std::int64_t gap, double jump_us, double noise_us, Make make) {
  for (std::int64_t step : steps_for(gap))
    if (auto s = make(step)) {
      const double error = error_factor(kRowsPerSide, step, gap) * noise_us;
      return Sighted{*s, error > 0 ? jump_us / error : kGoodSignal};
    }
  return std::nullopt;
}

// A unit takes as long as its chunk is large; on how many SMs, makes no difference to first order.
double predicted_jump(const Old& old, const Dealing& now) {
  return old.dip.jump_us * now.policy.chunk / old.dealing.policy.chunk;
}

Attempt at_boundary(const Old& old, const Dealing& now, std::int64_t m, std::int64_t boundary) {
  Attempt a;
  a.predicted_us = predicted_jump(old, now);
  a.hurdle = Hurdle::out_of_range;
  const std::int64_t chunk = now.policy.chunk;
  if (!site(boundary, boundary + chunk, std::min<std::int64_t>(kFinest, chunk), old)) return a;
  a.hurdle = Hurdle::not_apart;
  const auto there = best_site(chunk, a.predicted_us, old.noise_us, [&](std::int64_t step) {
    return new_site(old, now, boundary, step);
  });
  const auto here = best_site(old.gap(), old.dip.jump_us, old.noise_us,
                              [&](std::int64_t step) { return old_site(old, now, step); });
  if (!there || !here) return a;
  a.hurdle = Hurdle::noise;
  const double signal = std::min(there->signal, here->signal);
  if (signal < kLeastSignal) return a;
  const double distance = std::min(distance_to_boundary(old.dealing, boundary),
                                   distance_to_boundary(now, old.dip.boundary));
  a.fit = Fit{m,
              boundary,
              a.predicted_us,
              there->site,
              here->site,
              std::min(signal, kGoodSignal) / kGoodSignal +
                  std::min(distance, kGoodDistance) / kGoodDistance};
  return a;
}

// The boundary of the same m if it can be, else the nearest one that can.
Attempt attempt(const Old& old, const Dealing& now) {
  Attempt best;
  best.hurdle = Hurdle::out_of_range;
  best.predicted_us = predicted_jump(old, now);
  if (!old_site(old, now, kFinest)) {  // no rows so near each other either
    best.hurdle = Hurdle::not_apart;
    return best;
  }
  const std::int64_t last = load_at(now, old.hi);
  std::vector<std::int64_t> order;
  for (std::int64_t m = 1; m < last; ++m) order.push_back(m);
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    return std::abs(a - old.dip.m) < std::abs(b - old.dip.m);
  });
  for (std::int64_t m : order) {
    const auto boundary = boundary_of(now, m, old.hi);
    if (!boundary) continue;
    Attempt a = at_boundary(old, now, m, *boundary);
    if (a.fit) return a;
    if (a.hurdle > best.hurdle) best = a;
  }
  return best;
}

Alternative with(const Old& like, Change change, int value) {
  Alternative c{like.what, like.sms, like.dealing, false, {}};
  if (change == Change::sms) {
    c.what.sms = c.sms = value;
    c.dealing.slots =
        std::max(1, static_cast<int>(std::int64_t{like.dealing.slots} * value / like.sms));
  } else {
    c.what.policy.chunk = c.dealing.policy.chunk = value;
  }
  return c;
}

void attempt_all(Alternative& c, const std::vector<Old>& dips) {
  c.attempts.clear();
  for (const Old& old : dips) c.attempts.push_back(attempt(old, c.dealing));
}

std::vector<Alternative> alternatives(const std::vector<Old>& dips, Change change, int device_sms) {
  const Old& like = dips.front();
  std::vector<int> values;
  if (change == Change::sms) {
    for (int sms = like.sms - 1; sms > 0; --sms) values.push_back(sms);
    for (int sms = like.sms + 1; sms <= device_sms; ++sms) values.push_back(sms);
  } else {
    constexpr int kStep = 32, kFarthest = 4;  // times the chunk, or a part of it
    const int chunk = like.what.policy.chunk;
    const int most = std::min(schedule::kMaxChunk, kFarthest * chunk);
    for (int c = std::max(schedule::kMinChunk, chunk / kFarthest / kStep * kStep); c <= most;
         c += kStep)
      if (c != chunk) values.push_back(c);
  }
  std::vector<Alternative> out;
  for (int value : values) {
    out.push_back(with(like, change, value));
    attempt_all(out.back(), dips);
  }
  return out;
}

// Dips reached, of these at the boundary of the same m, and how well.
std::array<double, 3> worth(const Alternative& c, const std::vector<Old>& dips,
                            const std::vector<bool>& done) {
  std::array<double, 3> w{};
  for (std::size_t i = 0; i < dips.size(); ++i)
    if (const auto& fit = c.attempts[i].fit; fit && !done[i]) {
      w[0] += 1;
      w[1] += fit->m == dips[i].dip.m ? 1 : 0;
      w[2] += fit->quality;
    }
  return w;
}

std::string name_of(Change change) { return change == Change::sms ? "SM count" : "chunk"; }

// `refused`: how many would have done, had device and kernel been able to.
std::string why_not(const Old& old, Change change, const std::vector<Alternative>& all,
                    std::size_t dip, int refused) {
  const std::string other = name_of(change);
  if (refused > 0)
    return fmt::format("device or kernel can't make any of the {} {}s that would show it", refused,
                       other);
  Hurdle furthest = Hurdle::none_possible;
  double largest_us = 0;
  for (const Alternative& c : all) {
    furthest = std::max(furthest, c.attempts[dip].hurdle);
    largest_us = std::max(largest_us, c.attempts[dip].predicted_us);
  }
  switch (furthest) {
    case Hurdle::none_possible:
      return fmt::format("device and kernel have no other {}", other);
    case Hurdle::out_of_range:
      return fmt::format("with no other {} is there a boundary inside the measured {} .. {} tokens",
                         other, grouped(old.lo), grouped(old.hi));
    case Hurdle::not_apart:
      return fmt::format(
          "no other {} moves the boundary clearly away from the old ones inside the measured {} .. "
          "{} tokens",
          other, grouped(old.lo), grouped(old.hi));
    case Hurdle::noise:
      break;
  }
  return fmt::format(
      "the jump would be lost in the noise: {:.3g} µs at most are predicted, {:.3g} µs were there, "
      "and rows scatter by {:.3g} µs",
      largest_us, old.dip.jump_us, old.noise_us);
}

Experiment to_experiment(Change change, const Alternative& c, const Fit& f) {
  return {change, "",         c.what,         c.sms,    c.dealing,
          f.m,    f.boundary, f.predicted_us, f.at_new, f.at_old};
}

Experiment no_experiment(Change change, std::string reason) {
  Experiment e;
  e.change = change;
  e.impossible = std::move(reason);
  return e;
}

// Greedy cover: the choice that reaches most dips, asked of device and kernel when it is its turn.
std::vector<Experiment> experiments(const std::vector<Old>& dips, Change change, int device_sms,
                                    const Probe& probe) {
  std::vector<Alternative> all = alternatives(dips, change, device_sms);
  std::vector<Experiment> out(dips.size());
  std::vector<bool> done(dips.size(), false);
  std::vector<int> refused(dips.size(), 0);
  for (;;) {
    const auto best = std::max_element(all.begin(), all.end(), [&](const auto& a, const auto& b) {
      return worth(a, dips, done) < worth(b, dips, done);
    });
    if (best == all.end() || worth(*best, dips, done)[0] == 0) break;
    if (!best->probed) {
      const auto dealt = probe(best->what);
      if (!dealt) {
        for (std::size_t i = 0; i < dips.size(); ++i) refused[i] += best->attempts[i].fit ? 1 : 0;
        all.erase(best);
        continue;
      }
      best->probed = true;
      if (dealt->slots == best->dealing.slots && dealt->n_tiles == best->dealing.n_tiles) continue;
      best->dealing.slots = dealt->slots;
      best->dealing.n_tiles = dealt->n_tiles;
      attempt_all(*best, dips);
      continue;
    }
    for (std::size_t i = 0; i < dips.size(); ++i)
      if (const auto& fit = best->attempts[i].fit; fit && !done[i]) {
        out[i] = to_experiment(change, *best, *fit);
        done[i] = true;
      }
  }
  for (std::size_t i = 0; i < dips.size(); ++i)
    if (!done[i]) out[i] = no_experiment(change, why_not(dips[i], change, all, i, refused[i]));
  return out;
}

// Whether the load only grows with n_kv, and in whole chunks: what dealing.h needs.
bool has_steps(schedule::Kind kind) {
  return kind == schedule::Kind::stream_k || kind == schedule::Kind::wave ||
         kind == schedule::Kind::split_kv;
}

Dealing dealing_of(const record::Record& r) {
  return {r.what.policy, r.plan.slots, r.plan.n_tiles, r.what.batch};
}

// Records of a curve, ascending n_kv.
using Curves = std::map<std::string, std::vector<const record::Record*>>;

Curves curves_of(const record::Run& run) {
  Curves curves;
  for (const record::Record& r : run.records)
    if (r.status == record::Status::ok && r.what.ragged.empty())
      curves[r.what.series_id()].push_back(&r);
  for (auto& [id, list] : curves)
    std::sort(list.begin(), list.end(),
              [](const auto* a, const auto* b) { return a->what.n_kv < b->what.n_kv; });
  return curves;
}

std::vector<Old> dips_of(const Series& s, const Explanation& e,
                         const std::vector<const record::Record*>& rows) {
  std::vector<double> times;
  for (const Point& p : s.points) times.push_back(p.time_us);
  std::vector<Old> out;
  for (const Dip& d : e.dips) {
    const auto slow = std::find_if(rows.begin(), rows.end(),
                                   [&](const auto* r) { return r->what.n_kv == d.n_kv; });
    if (slow == rows.end() || slow == rows.begin() || (*slow)->plan.slots < 1) continue;
    Old old;
    old.dip = d;
    old.what = (*slow)->what;
    old.sms = s.known.sms.value_or(1);
    old.dealing = dealing_of(**slow);
    old.last_fast = (*std::prev(slow))->what.n_kv;
    old.lo = rows.front()->what.n_kv;
    old.hi = rows.back()->what.n_kv;
    old.noise_us = e.noise_percent / 100 * stats::median(times);
    out.push_back(old);
  }
  return out;
}

int sms_of_device(const record::Run& run, api::Backend backend) {
  for (const record::DeviceInfo& d : run.info.devices)
    if (d.backend == backend) return d.sms;
  return 0;
}

}  // namespace

std::string_view to_string(Change c) { return c == Change::sms ? "sms" : "chunk"; }

std::vector<plan::Case> ConfirmPlan::cases() const {
  std::map<std::string, plan::Case> all;
  const auto add = [&](const Experiment& e, const std::vector<std::int64_t>& rows) {
    for (std::int64_t n_kv : rows) {
      plan::Case c = e.what;
      c.n_kv = n_kv;
      all.emplace(c.id(), c);
    }
  };
  for (const SeriesTest& s : series)
    for (const DipTest& d : s.dips)
      for (const Experiment& e : d.experiments)
        for (const Site* site : {&e.at_new, &e.at_old}) add(e, site->before), add(e, site->after);
  std::vector<plan::Case> out;
  for (auto& [id, c] : all) out.push_back(std::move(c));
  return out;
}

ConfirmPlan plan_confirmation(const record::Run& run, std::span<const Series> series,
                              std::span<const Explanation> explanations, const Probe& probe) {
  const Curves curves = curves_of(run);
  ConfirmPlan out;
  for (std::size_t i = 0; i < series.size(); ++i) {
    const auto rows = curves.find(series[i].id);
    if (rows == curves.end()) continue;
    const std::vector<Old> dips = dips_of(series[i], explanations[i], rows->second);
    if (dips.empty()) continue;
    SeriesTest test{series[i].name, explanations[i].verdict, {}};
    for (const Old& old : dips) test.dips.push_back({old.dip, {}});
    for (Change change : {Change::sms, Change::chunk}) {
      const int sms = sms_of_device(run, dips.front().what.backend);
      const schedule::Kind kind = dips.front().dealing.policy.kind;
      auto made =
          has_steps(kind)
              ? experiments(dips, change, sms, probe)
              : std::vector(
                    dips.size(),
                    no_experiment(change, fmt::format("the schedule {} has no boundaries that move",
                                                      schedule::to_string(kind))));
      for (std::size_t d = 0; d < dips.size(); ++d)
        test.dips[d].experiments.push_back(std::move(made[d]));
    }
    out.series.push_back(std::move(test));
  }
  return out;
}

}  // namespace mlawave::analysis
