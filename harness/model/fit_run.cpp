#include "harness/model/fit_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "harness/config/bad_input.h"
#include "harness/stats/quantiles.h"

namespace mlawave::model {
namespace {

template <class T>
bool wanted(const std::vector<T>& list, const T& value) {
  return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
}

bool usable(const record::Record& r, const Filter& f) {
  const plan::Case& c = r.what;
  return r.status == record::Status::ok && r.summary.samples > 0 && c.ragged.empty() &&
         c.n_kv > 0 && schedule::has_boundaries(c.policy.kind) &&
         c.cache == config::Cache::cold && c.page_size == 0 && r.plan.slots > 0 && r.plan.n_tiles > 0 &&
         wanted(f.sms, r.plan.sms) && wanted(f.chunks, c.policy.chunk) &&
         wanted(f.heads, c.heads) && wanted(f.kernels, c.kernel);
}

SweepRow to_row(const record::Record& r) {
  const plan::Case& c = r.what;
  return {load_of(c.policy, c.n_kv, c.batch, r.plan.n_tiles, r.plan.slots), c.policy.chunk,
          r.plan.n_tiles, r.summary.time_us};
}

const record::DeviceInfo* device_of(const record::RunInfo& info, api::Backend backend) {
  for (const record::DeviceInfo& d : info.devices)
    if (d.backend == backend) return &d;
  return nullptr;
}

void describe(KernelModel& m, const record::Record& r, const record::RunInfo& info) {
  m.kernel = r.what.kernel;
  m.rows_per_tile = std::max(1, r.plan.rows_per_tile);
  m.ctas_per_sm = std::max(1, r.plan.ctas_per_sm);
  m.ctas_per_tile = std::max(1, r.plan.ctas_per_tile);
  m.shared_bytes_per_cta = r.plan.shared_bytes_per_cta;
  const auto* device = device_of(info, r.what.backend);
  if (device == nullptr) return;
  m.gpu = device->name;
  if (const auto gpu = gpu_named_in(device->name)) {
    m.gpu = gpu->name;
    m.gpu_boost_mhz = gpu->boost_mhz;
    m.gpu_bandwidth_gb_per_s = gpu->bandwidth_gb_per_s;
  }
}

std::string text_of(const Filter& f) {
  std::string out;
  auto add = [&](const char* name, const std::vector<int>& values) {
    for (int v : values) out += fmt::format(", {} {}", name, v);
  };
  add("sms", f.sms);
  add("chunk", f.chunks);
  add("heads", f.heads);
  return out;
}

struct Gathered {
  KernelModel model;
  std::vector<SweepRow> rows;
  double read_gb_per_s = 0;
  std::string last_source;
};

void gather(Gathered& g, const record::Record& r, const Source& source) {
  constexpr double kMargin = 1.05;  // a ceiling is measured, too
  KernelModel here;
  describe(here, r, source.run.info);
  if (g.rows.empty()) g.model = here;
  if (here.gpu != g.model.gpu)
    throw config::BadInput(
        fmt::format("{}: was measured on {}, the others on {}; expected runs of "
                    "one card",
                    source.name, here.gpu, g.model.gpu));
  if (source.name != g.last_source)
    g.model.fitted_from += (g.model.fitted_from.empty() ? "" : " + ") + source.name;
  g.last_source = source.name;
  if (const auto* device = device_of(source.run.info, r.what.backend))
    g.read_gb_per_s = std::max(g.read_gb_per_s, kMargin * device->ceilings.read_gb_per_s);
  g.rows.push_back(to_row(r));
}

struct Pair {
  std::int64_t n_kv = 0;
  double max_load = 0, measured = 0, predicted = 0;
};

SeriesCheck compare(const std::string& name, std::vector<Pair> rows) {
  std::sort(rows.begin(), rows.end(), [](const Pair& a, const Pair& b) { return a.n_kv < b.n_kv; });
  SeriesCheck c;
  c.name = name;
  c.rows = static_cast<int>(rows.size());
  std::vector<double> errors;
  for (const Pair& p : rows) {
    const double error = std::abs(p.predicted / p.measured - 1);
    c.mean_error += error / static_cast<double>(rows.size());
    c.worst_error = std::max(c.worst_error, error);
    errors.push_back(error);
  }
  c.error_95 = stats::quantile(errors, 0.95);
  std::vector<double> ratios;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const double measured = rows[i].measured - rows[i - 1].measured;
    if (rows[i].max_load > rows[i - 1].max_load && measured > 0 && rows[i - 1].max_load > 0)
      ratios.push_back((rows[i].predicted - rows[i - 1].predicted) / measured);
  }
  c.jumps = static_cast<int>(ratios.size());
  if (!ratios.empty()) c.jump_ratio = stats::median(ratios);
  return c;
}

}  // namespace

std::vector<KernelModel> fit_runs(const std::vector<Source>& sources, const Filter& filter) {
  std::map<std::string, Gathered> kernels;
  for (const Source& source : sources)
    for (const record::Record& r : source.run.records)
      if (usable(r, filter)) gather(kernels[r.what.kernel], r, source);
  if (kernels.empty())
    throw config::BadInput(
        fmt::format("{}: no cold record with a time that the filter lets pass; nothing to fit",
                    sources.empty() ? "--fit" : sources.front().name));
  std::vector<KernelModel> out;
  for (auto& [name, g] : kernels) {
    g.model.fitted_from += text_of(filter);
    fit_kernel(g.model, g.rows, g.read_gb_per_s);
    out.push_back(std::move(g.model));
  }
  return out;
}

std::vector<SeriesCheck> check_run(const record::Run& run, const std::vector<KernelModel>& models,
                                   const Filter& filter) {
  std::map<std::string, std::vector<Pair>> series;
  std::map<std::string, std::string> gpu_of;
  for (const record::Record& r : run.records) {
    if (!usable(r, filter)) continue;
    const auto m = std::find_if(models.begin(), models.end(),
                                [&](const KernelModel& k) { return k.kernel == r.what.kernel; });
    if (m == models.end()) continue;
    KernelModel here = *m;
    if (const auto* device = device_of(run.info, r.what.backend))
      if (const auto gpu = gpu_named_in(device->name)) {
        gpu_of[r.what.series_id()] = gpu->name;
        if (gpu->name != m->gpu) here = moved_to(*m, *gpu);
      }
    const SweepRow row = to_row(r);
    series[r.what.series_id()].push_back(
        {r.what.n_kv, row.load.max_load, row.time_us, predict_us(here, row)});
  }
  std::vector<SeriesCheck> out;
  for (auto& [name, rows] : series) {
    out.push_back(compare(name, std::move(rows)));
    out.back().gpu = gpu_of[name];
  }
  return out;
}

}  // namespace mlawave::model
