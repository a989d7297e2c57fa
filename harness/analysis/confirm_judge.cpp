#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "harness/analysis/confirm.h"
#include "harness/analysis/contrast.h"
#include "harness/stats/quantiles.h"

namespace mlawave::analysis {
namespace {

constexpr double kOfPredicted = 1.0 / 3;  // a step at the new place is at least this much
constexpr double kOfOld = 0.5;            // a step that stayed is at least this much

using RecordsById = std::map<std::string, const record::Record*>;

struct Measured {
  std::optional<Contrast> at_new, at_old;
  std::string missing;
};

struct PooledNoise {  // of all sites of one curve together
  double squares = 0;
  int freedom = 0;
};

std::vector<Row> rows_of(const RecordsById& records, plan::Case what,
                         const std::vector<std::int64_t>& n_kv, std::string& missing) {
  std::vector<Row> rows;
  for (std::int64_t n : n_kv) {
    what.n_kv = n;
    const auto at = records.find(what.id());
    if (at != records.end() && at->second->status == record::Status::ok) {
      const record::Summary& s = at->second->summary;
      rows.push_back({static_cast<double>(n), s.time_us,
                      (s.time_us_hi - s.time_us_lo) / 2 / stats::kTwoSided95});
    } else if (missing.empty()) {
      missing = at == records.end()
                    ? fmt::format("row {} was not measured", n)
                    : fmt::format("row {} was {}: {}", n, record::to_string(at->second->status),
                                  at->second->reason);
    }
  }
  return rows;
}

std::optional<Contrast> contrast_at(const RecordsById& records, const plan::Case& what,
                                    const Site& s, std::string& missing) {
  const auto before = rows_of(records, what, s.before, missing);
  const auto after = rows_of(records, what, s.after, missing);
  if (before.size() < 2 || after.size() < 2) return std::nullopt;
  return contrast_of(before, after);
}

Measured measured(const RecordsById& records, const Experiment& e) {
  Measured m;
  if (!e.impossible.empty()) return m;
  m.at_new = contrast_at(records, e.what, e.at_new, m.missing);
  m.at_old = contrast_at(records, e.what, e.at_old, m.missing);
  return m;
}

// The largest of: the scatter of all sites of the curve, of this one, and what the rows say of
// themselves.
Seen seen(const Contrast& c, const PooledNoise& all) {
  const double pooled = all.freedom > 0 ? std::sqrt(all.squares / all.freedom) : 0;
  const double noise = std::max({pooled, c.own_noise, c.row_error});
  const double time_us = c.level_us + c.jump_us / 2;
  const double half = student_t(std::max(1, all.freedom)) * noise * time_us * c.error_factor;
  return {c.jump_us, c.jump_us - half, c.jump_us + half, c.level_us, Step::unclear};
}

Step step_of(const Seen& s, double least_us) {
  if (s.hi_us < least_us) return Step::none;
  return s.lo_us > 0 && s.jump_us >= least_us ? Step::shows : Step::unclear;
}

void decide(ExperimentResult& r, double old_jump_us) {
  r.at_new->step = step_of(*r.at_new, kOfPredicted * r.planned.predicted_us);
  r.at_old->step = step_of(*r.at_old, kOfOld * old_jump_us);
  const Step there = r.at_new->step, here = r.at_old->step;
  if (here == Step::shows || there == Step::none) {
    r.outcome = Outcome::refuted;
    r.reason = here != Step::shows   ? "no step at the new place"
               : there == Step::none ? "the step stayed at its old place, and the new one has none"
                                     : "the step stayed at its old place";
  } else if (here == Step::none && there == Step::shows) {
    r.outcome = Outcome::confirmed;
    r.reason = "the step is where it was predicted, and gone from its old place";
  } else {
    r.reason = fmt::format("noise hides the answer at the {} place",
                           there == Step::unclear ? "new" : "old");
  }
}

ExperimentResult result_of(const Experiment& e, const Measured& m, const PooledNoise& noise,
                           double old_jump_us) {
  ExperimentResult r{e, Outcome::not_testable, e.impossible, {}, {}};
  if (!r.reason.empty()) return r;
  if (m.at_new) r.at_new = seen(*m.at_new, noise);
  if (m.at_old) r.at_old = seen(*m.at_old, noise);
  if (r.at_new && r.at_old)
    decide(r, old_jump_us);
  else
    r.reason = m.missing;
  return r;
}

std::string change_text(Change c) { return c == Change::sms ? "SM count" : "chunk"; }

void conclude(DipResult& d) {
  for (Outcome o : {Outcome::refuted, Outcome::confirmed, Outcome::not_testable}) {
    for (const ExperimentResult& e : d.experiments)
      if (e.outcome == o)
        d.reason += fmt::format("{}{}: {}", d.reason.empty() ? "" : "; ",
                                change_text(e.planned.change), e.reason);
    d.outcome = o;
    if (!d.reason.empty()) return;
  }
}

}  // namespace

std::string_view to_string(Outcome o) {
  switch (o) {
    case Outcome::confirmed:
      return "confirmed";
    case Outcome::refuted:
      return "refuted";
    case Outcome::not_testable:
      return "not_testable";
  }
  return "?";
}

std::size_t Confirmation::count(Outcome o) const {
  std::size_t n = 0;
  for (const SeriesResult& s : series)
    for (const DipResult& d : s.dips) n += d.outcome == o ? 1 : 0;
  return n;
}

Confirmation judge(const ConfirmPlan& plan, const record::Run& run) {
  RecordsById records;
  for (const record::Record& r : run.records) records[r.id] = &r;
  std::map<std::string, PooledNoise> noise;
  const auto pool = [&](const Experiment& e, const std::optional<Contrast>& c) {
    if (!c) return;
    PooledNoise& n = noise[e.what.series_id()];
    n.squares += c->squares;
    n.freedom += c->freedom;
  };
  for (const SeriesTest& s : plan.series)
    for (const DipTest& d : s.dips)
      for (const Experiment& e : d.experiments) {
        const Measured m = measured(records, e);
        pool(e, m.at_new);
        pool(e, m.at_old);
      }
  Confirmation out;
  out.points = plan.cases().size();
  for (const SeriesTest& s : plan.series) {
    SeriesResult& to = out.series.emplace_back(SeriesResult{s.name, s.verdict, {}});
    for (const DipTest& d : s.dips) {
      DipResult& dip = to.dips.emplace_back(DipResult{d.dip, Outcome::not_testable, "", {}});
      for (const Experiment& e : d.experiments)
        dip.experiments.push_back(
            result_of(e, measured(records, e), noise[e.what.series_id()], d.dip.jump_us));
      conclude(dip);
    }
  }
  return out;
}

}  // namespace mlawave::analysis
