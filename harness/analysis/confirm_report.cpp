#include "harness/analysis/confirm_report.h"

#include <fmt/format.h>

#include <functional>
#include <set>

#include "harness/analysis/advice.h"
#include "harness/analysis/report_json.h"

namespace mlawave::analysis {
namespace {

constexpr Outcome kOutcomes[] = {Outcome::confirmed, Outcome::refuted, Outcome::not_testable};

std::string words(Outcome o) {
  return o == Outcome::not_testable ? "not testable" : std::string(to_string(o));
}

std::string words(Step s, bool at_new) {
  switch (s) {
    case Step::shows:
      return at_new ? "there" : "still there";
    case Step::none:
      return at_new ? "missing" : "gone";
    case Step::unclear:
      break;
  }
  return "can't be told from noise";
}

std::string counts_text(const std::function<std::size_t(Outcome)>& count) {
  std::string out;
  for (Outcome o : kOutcomes)
    if (const std::size_t n = count(o); n > 0)
      out += fmt::format("{}{} {}", out.empty() ? "" : ", ", n, words(o));
  return out;
}

std::string setting_text(const Experiment& e) {
  return e.change == Change::sms ? fmt::format("{} SMs", e.sms)
                                 : fmt::format("chunk {}", e.what.policy.chunk);
}

std::string site_line(const char* name, std::int64_t n_kv, const Seen& s, double expected_us,
                      bool at_new) {
  return fmt::format("      {} {:>9}  {:+8.2f} µs [{:.2f} .. {:.2f}], {:+.1f} %; {} {:.2f}: {}\n",
                     name, grouped(n_kv), s.jump_us, s.lo_us, s.hi_us,
                     s.level_us > 0 ? 100 * s.jump_us / s.level_us : 0,
                     at_new ? "predicted" : "was", expected_us, words(s.step, at_new));
}

std::string experiment_text(const ExperimentResult& r, const Dip& dip) {
  const Experiment& e = r.planned;
  if (!e.impossible.empty())
    return fmt::format("    another {}: not testable: {}\n",
                       e.change == Change::sms ? "SM count" : "chunk", e.impossible);
  std::string out = fmt::format(
      "    {}: {}\n", setting_text(e),
      r.outcome == Outcome::confirmed ? words(r.outcome) : words(r.outcome) + ": " + r.reason);
  if (r.at_new) out += site_line("new", e.boundary, *r.at_new, e.predicted_us, true);
  if (r.at_old) out += site_line("old", dip.boundary, *r.at_old, dip.jump_us, false);
  return out;
}

std::string dip_text(const DipResult& d) {
  std::string out =
      fmt::format("  {} tokens ({:+.2f} µs, {:+.1f} %): {}\n", grouped(d.dip.boundary),
                  d.dip.jump_us, d.dip.jump_percent, words(d.outcome));
  for (const ExperimentResult& e : d.experiments) out += experiment_text(e, d.dip);
  return out;
}

Json to_json(const std::optional<Seen>& s, const Site& site, std::string_view step) {
  if (!s) return nullptr;
  const double to_percent = s->level_us > 0 ? 100 / s->level_us : 0;
  return {{"before", site.before},
          {"after", site.after},
          {"jump_us", rounded(s->jump_us)},
          {"interval_us", {rounded(s->lo_us), rounded(s->hi_us)}},
          {"jump_percent", rounded(s->jump_us * to_percent)},
          {"interval_percent", {rounded(s->lo_us * to_percent), rounded(s->hi_us * to_percent)}},
          {"step", step}};
}

std::string_view step_name(const std::optional<Seen>& s) {
  if (!s || s->step == Step::unclear) return "unclear";
  return s->step == Step::shows ? "shows" : "none";
}

Json to_json(const ExperimentResult& r) {
  const Experiment& e = r.planned;
  Json out{{"change", to_string(e.change)}, {"result", to_string(r.outcome)}, {"reason", r.reason}};
  if (!e.impossible.empty()) return out;
  out["sms"] = e.sms;
  out["chunk"] = e.what.policy.chunk;
  out["slots"] = e.dealing.slots;
  out["n_tiles"] = e.dealing.n_tiles;
  out["boundary"] = e.boundary;
  out["max_load"] = e.m;
  out["predicted_us"] = rounded(e.predicted_us);
  out["at_new"] = to_json(r.at_new, e.at_new, step_name(r.at_new));
  out["at_old"] = to_json(r.at_old, e.at_old, step_name(r.at_old));
  return out;
}

Json to_json(const DipResult& d) {
  Json experiments = Json::array();
  for (const ExperimentResult& e : d.experiments) experiments.push_back(to_json(e));
  return {{"n_kv", d.dip.n_kv},
          {"boundary", d.dip.boundary},
          {"max_load", d.dip.m},
          {"jump_us", rounded(d.dip.jump_us)},
          {"jump_percent", rounded(d.dip.jump_percent)},
          {"result", to_string(d.outcome)},
          {"reason", d.reason},
          {"experiments", experiments}};
}

std::size_t count_in(const SeriesResult& s, Outcome o) {
  std::size_t n = 0;
  for (const DipResult& d : s.dips) n += d.outcome == o ? 1 : 0;
  return n;
}

}  // namespace

std::string in_short(const ConfirmPlan& plan) {
  std::size_t dips = 0;
  std::set<std::string> curves;
  for (const SeriesTest& s : plan.series)
    for (const DipTest& d : s.dips) {
      ++dips;
      for (const Experiment& e : d.experiments)
        if (e.impossible.empty()) curves.insert(e.what.series_id());
    }
  return fmt::format("confirm: {} dips, {} points on {} curves with another SM count or chunk",
                     dips, plan.cases().size(), curves.size());
}

std::string as_text(const Confirmation& c) {
  std::string out;
  for (const SeriesResult& s : c.series) {
    out +=
        fmt::format("{}{}: {} ({})\n", out.empty() ? "" : "\n", s.name,
                    counts_text([&](Outcome o) { return count_in(s, o); }), to_string(s.verdict));
    for (const DipResult& d : s.dips) out += dip_text(d);
  }
  if (c.series.empty()) return "No dip was found, so there is nothing to confirm.\n";
  return out + fmt::format("\n{} ({} points)\n", counts_text([&](Outcome o) { return c.count(o); }),
                           c.points);
}

std::string as_json(const Confirmation& c) {
  Json out{{"points", c.points}};
  for (Outcome o : kOutcomes) out[std::string(to_string(o))] = c.count(o);
  Json series = Json::array();
  for (const SeriesResult& s : c.series) {
    Json dips = Json::array();
    for (const DipResult& d : s.dips) dips.push_back(to_json(d));
    series.push_back({{"name", s.name}, {"verdict", to_string(s.verdict)}, {"dips", dips}});
  }
  out["series"] = series;
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace mlawave::analysis
