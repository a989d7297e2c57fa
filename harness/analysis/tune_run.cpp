#include "harness/analysis/tune_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "harness/config/bad_input.h"
#include "harness/config/names.h"
#include "harness/model/fit_run.h"
#include "harness/record/summary.h"
#include "harness/stats/quantiles.h"

namespace mlawave::analysis {
namespace {

constexpr double kMostError = 0.1;  // mean, of a fit that is worth a word

using RecordGroup = std::vector<const record::Record*>;
using Models = std::map<std::string, model::KernelModel>;  // by kernel

bool usable(const record::Record& r, const Range& range) {
  return r.status == record::Status::ok && r.summary.samples > 0 && r.summary.time_us > 0 &&
         r.plan.slots > 0 && r.what.ragged.empty() && r.what.n_kv >= range.lo &&
         r.what.n_kv <= range.hi;
}

// The id of all that is not chosen.
std::string setting_of(const record::Record& r) {
  plan::Case c = r.what;
  c.kernel.clear();
  c.policy = {};
  c.n_kv = 0;
  return c.id();
}

bool has_phases(const RecordGroup& all) {
  return std::all_of(all.begin(), all.end(), [](const record::Record* r) {
    return r->plan.partials == 0 || !record::valid_times_us(r->main_samples).empty();
  });
}

// Each kernel for itself: one that can't be fitted leaves the others alone.
Models models_of(const record::Run& run, const std::string& source) {
  Models out;
  for (const record::Record& r : run.records) {
    if (out.contains(r.what.kernel)) continue;
    out[r.what.kernel] = {};
    try {
      for (auto& m : model::fit_runs({{source, run}}, {{}, {}, {}, {r.what.kernel}}))
        out[m.kernel] = std::move(m);
    } catch (const config::BadInput&) {  // too few rows: no model, so nothing is said
    }
  }
  std::erase_if(
      out, [](const auto& m) { return m.second.rows == 0 || m.second.typical_error > kMostError; });
  return out;
}

std::optional<double> combine_of(const record::Record& r, const Models& models) {
  if (r.plan.partials == 0) return 0;
  if (const auto main = record::valid_times_us(r.main_samples); !main.empty())
    return r.summary.time_us - stats::median(main);
  const auto m = models.find(r.what.kernel);
  if (m == models.end() || r.plan.n_tiles <= 0 || r.plan.slots <= 0) return std::nullopt;
  const plan::Case& c = r.what;
  return model::combine_us(m->second,
                           {model::load_of(c.policy, c.n_kv, c.batch, r.plan.n_tiles, r.plan.slots),
                            c.policy.chunk, r.plan.n_tiles, 0});
}

std::vector<Choice> choices_of(const RecordGroup& all, const Models& models) {
  std::map<std::string, std::size_t> index;
  std::vector<Choice> out;
  for (const record::Record* r : all) {
    const bool exact = r->what.backend == api::Backend::model;
    const auto [at, is_new] = index.try_emplace(r->what.series_id(), out.size());
    if (is_new)
      out.push_back({r->what.kernel, r->what.policy, models.contains(r->what.kernel), {}});
    const record::Summary& s = r->summary;
    const double half = exact ? 0 : (s.time_us_hi - s.time_us_lo) / 2;
    out[at->second].rows.push_back(
        {{r->what.n_kv, s.time_us, half, r->plan.max_load}, combine_of(*r, models)});
  }
  for (Choice& c : out)
    std::stable_sort(c.rows.begin(), c.rows.end(),
                     [](const TuneRow& a, const TuneRow& b) { return a.row.n_kv < b.row.n_kv; });
  return out;
}

// What a kernel against itself differs by.
double aa_difference(const record::Run& run, api::Backend backend) {
  std::vector<double> off;
  for (const record::AaCheck& a : run.aa)
    if (a.ratio > 0 && a.id.starts_with(api::to_string(backend)))
      off.push_back(std::abs(a.ratio - 1));
  return off.empty() ? 0 : stats::median(off);
}

Tuning start(const record::Record& r, const record::RunInfo& info) {
  Tuning t;
  const plan::Case& c = r.what;
  t.backend = c.backend;
  t.sms = r.partition.sms > 0 ? r.partition.sms : r.plan.sms;
  t.heads = c.heads;
  t.s_q = c.s_q;
  t.batch = c.batch;
  t.dtype = api::to_string(c.dtype);
  t.layout = api::to_string(c.layout);
  t.cache = config::to_string(c.cache);
  for (const record::DeviceInfo& d : info.devices)
    if (d.backend == c.backend) t.device = d.name;
  if (c.backend == api::Backend::model)
    t.interval_percent = 50 * (r.summary.time_us_hi - r.summary.time_us_lo) / r.summary.time_us;
  return t;
}

}  // namespace

std::vector<Tuning> tune_run(const record::Run& run, const std::string& source,
                             const Range& range) {
  // Mean error of predictions for another chunk or SM count: docs/prediction.md has 2.0 to 2.8 %.
  constexpr double kModelError = 0.03;
  std::map<std::string, std::size_t> index;
  std::vector<RecordGroup> settings;
  for (const record::Record& r : run.records) {
    if (!usable(r, range)) continue;
    const auto [at, is_new] = index.try_emplace(setting_of(r), settings.size());
    if (is_new) settings.emplace_back();
    settings[at->second].push_back(&r);
  }
  if (settings.empty())
    throw config::BadInput(
        fmt::format("{}: no record with a time and a plan in the n_kv range; expected at least one "
                    "that is ok (an imported table has no plan)",
                    source));
  const bool phases = std::all_of(settings.begin(), settings.end(), has_phases);
  const Models models = phases ? Models{} : models_of(run, source);
  std::vector<Tuning> out;
  for (const RecordGroup& all : settings) {
    Tuning t = start(*all.front(), run.info);
    const bool predicted = t.backend == api::Backend::model;
    const double tie = predicted ? kModelError : aa_difference(run, t.backend);
    t.judgement = judge(choices_of(all, models), tie);
    out.push_back(std::move(t));
  }
  return out;
}

}  // namespace mlawave::analysis
