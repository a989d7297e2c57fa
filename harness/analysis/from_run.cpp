#include "harness/analysis/from_run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "harness/analysis/imported_run.h"
#include "harness/config/names.h"
#include "harness/record/summary.h"

namespace mlawave::analysis {
namespace {

constexpr double kBytesPerTokenOfCache = 2.0 * api::kDQk;  // 16-bit

const record::DeviceInfo* device_of(const record::RunInfo& info, api::Backend backend) {
  for (const record::DeviceInfo& d : info.devices)
    if (d.backend == backend) return &d;
  return nullptr;
}

Point to_point(const record::Record& r) {
  Point p;
  p.n_kv = r.what.n_kv;
  p.time_us = r.summary.time_us;
  p.lo_us = r.summary.time_us_lo;
  p.hi_us = r.summary.time_us_hi;
  p.load = r.plan.max_load;
  p.plan = {
      r.what.kernel,
      fmt::format("{} rows a tile", r.plan.rows_per_tile),
      fmt::format("{} per SM",
                  r.plan.ctas_per_sm == 1 ? "1 CTA" : fmt::format("{} CTAs", r.plan.ctas_per_sm)),
      fmt::format("{} threads", r.plan.threads_per_cta),
      r.plan.partials > 0 ? "with combine" : "no combine",
      r.plan.evict_first ? "cache read with evict_first" : "no L2 policy"};
  if (const auto clock = record::sm_clock_mhz(r.samples)) p.clock_mhz = *clock;
  p.throttled = r.summary.samples == 0;
  return p;
}

Series start(const record::Record& r, const record::RunInfo& info, const std::string& source) {
  Series s;
  const plan::Case& c = r.what;
  s.id = c.series_id();
  s.source = source;
  s.backend = api::to_string(c.backend);
  s.kernel = c.kernel_asked();
  s.schedule = schedule::to_string(c.policy.kind);
  s.batch = c.batch;
  s.heads = c.heads;
  s.s_q = c.s_q;
  const int sms = r.partition.sms > 0 ? r.partition.sms : r.plan.sms;
  if (sms > 0) s.known.sms = sms;
  if (r.plan.ctas_per_sm > 0) s.known.ctas_per_sm = r.plan.ctas_per_sm;
  if (r.plan.n_tiles > 0) s.known.n_tiles = r.plan.n_tiles;
  s.known.chunk = c.policy.chunk;
  s.known.ctas_per_tile = std::max(1, r.plan.ctas_per_tile);
  s.name = fmt::format("{} {}, {} SMs", s.backend, s.kernel, sms);
  if (schedule::takes_chunk(c.policy.kind)) s.name += fmt::format(", chunk {}", c.policy.chunk);
  s.name += fmt::format(", {} heads", c.heads);
  if (c.policy.kind != schedule::Kind::stream_k) s.name += ", " + s.schedule;
  if (c.s_q != 1) s.name += fmt::format(", s_q {}", c.s_q);
  if (c.batch != 1) s.name += fmt::format(", batch {}", c.batch);
  s.name += fmt::format(", {}, {}, {}", api::to_string(c.dtype), api::to_string(c.layout),
                        config::to_string(c.cache));
  if (c.page_size != 0) s.name += fmt::format(", pages of {}", c.page_size);
  s.family = fmt::format("{}/{}/{}/{}", s.backend, s.kernel, s.schedule, c.s_q);
  if (const auto* device = device_of(info, c.backend)) {
    s.gpu = c.backend == api::Backend::cpu ? "" : device->name;
    s.read_gb_per_s = device->ceilings.read_gb_per_s;
    if (c.cache == config::Cache::hot) s.l2_bytes = static_cast<double>(device->l2_bytes);
  }
  s.bytes_per_token = kBytesPerTokenOfCache * c.batch;
  return s;
}

}  // namespace

std::vector<Series> series_of(const record::Run& run, const std::string& source) {
  std::map<std::string, std::size_t> index;
  std::map<std::size_t, std::set<std::string>> chosen;  // by series
  std::vector<Series> out;
  for (const record::Record& r : run.records) {
    if (r.status != record::Status::ok || !r.what.ragged.empty()) continue;
    const auto [at, fresh] = index.emplace(r.what.series_id(), out.size());
    if (fresh) out.push_back(start(r, run.info, source));
    out[at->second].points.push_back(to_point(r));
    if (!r.what.chosen_by.empty()) chosen[at->second].insert(r.what.kernel);
  }
  for (const auto& [i, kernels] : chosen)
    out[i].notes.push_back(fmt::format("{} chose {}", out[i].kernel, fmt::join(kernels, ", ")));
  for (Series& s : out)
    std::stable_sort(s.points.begin(), s.points.end(),
                     [](const Point& a, const Point& b) { return a.n_kv < b.n_kv; });
  restore_import(run.info, out);
  return out;
}

}  // namespace mlawave::analysis
