#include "harness/export/figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <ostream>

#include "harness/export/derived.h"
#include "kernels/schedule/schedule.h"

namespace mlawave::exporting {
namespace {

using Json = nlohmann::ordered_json;
using record::Record;

// What a series is named by; an axis with one value in the whole run is not worth a word.
std::vector<std::string> axes_of(const Record& r) {
  const plan::Case& c = r.what;
  return {
      std::string(to_string(c.backend)) + " ",
      std::string(c.kernel_asked()),
      fmt::format("{} {}", r.partition.sms, c.backend == api::Backend::cpu ? "threads" : "SMs"),
      std::string(to_string(c.policy.kind)),
      schedule::takes_chunk(c.policy.kind) ? fmt::format("chunk {}", c.policy.chunk) : "",
      c.policy.kind == schedule::Kind::split_kv ? fmt::format("{} splits", c.policy.splits) : "",
      fmt::format("{} heads", c.heads),
      fmt::format("batch {}", c.batch),
      fmt::format("s_q {}", c.s_q),
      std::string(to_string(c.dtype)),
      std::string(to_string(c.layout)),
      c.page_size != 0 ? fmt::format("pages of {}", c.page_size) : "",
      c.cache == config::Cache::hot ? "hot" : "cold"};
}

bool drawn(const Record& r) {
  return r.status == record::Status::ok && r.what.ragged.empty() && r.summary.samples > 0;
}

using SeriesMap = std::map<std::vector<std::string>, std::vector<const Record*>>;

std::string name_of(const std::vector<std::string>& axes, const SeriesMap& all) {
  std::string name;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const bool varies =
        std::any_of(all.begin(), all.end(), [&](const auto& s) { return s.first[i] != axes[i]; });
    const bool always = i == 1 || i == 2 || i == 4;  // kernel, SMs, chunk
    if ((varies || always) && !axes[i].empty()) name += (name.empty() ? "" : ", ") + axes[i];
  }
  return name;
}

Json point_of(const Record& r) {
  const record::Summary& s = r.summary;
  const auto rate = [&](double time_us) {
    return time_us > 0 ? Json(r.what.batch * r.what.s_q / (time_us * 1e-6)) : Json(nullptr);
  };
  return {{"n_kv", r.what.n_kv},
          {"time_us", s.time_us},
          {"time_us_lo", s.time_us_lo},
          {"time_us_hi", s.time_us_hi},
          {"tokens_per_s", rate(s.time_us)},
          {"tokens_per_s_lo", rate(s.time_us_hi)},
          {"tokens_per_s_hi", rate(s.time_us_lo)}};
}

Json series_of(const std::string& name, std::vector<const Record*> records) {
  std::sort(records.begin(), records.end(),
            [](const Record* a, const Record* b) { return a->what.n_kv < b->what.n_kv; });
  Json points = Json::array(), boundaries = Json::array();
  for (const Record* r : records) points.push_back(point_of(*r));
  for (const Boundary& b : predicted_boundaries(*records.front(), records.front()->what.n_kv,
                                                records.back()->what.n_kv))
    boundaries.push_back({{"n_kv", b.n_kv}, {"label", b.label}});
  return {{"name", name},
          {"backend", to_string(records.front()->what.backend)},
          {"points", points},
          {"boundaries", boundaries}};
}

// What the whole run has in common: the device, how it was measured, the first series' problem.
std::string subtitle_of(const record::Run& run, const SeriesMap& all) {
  std::string text;
  for (const record::DeviceInfo& d : run.info.devices)
    text += fmt::format("{}{}{}", text.empty() ? "" : " and ", d.name,
                        d.backend == api::Backend::cpu ? " (CPU)" : "");
  const auto& axes = all.begin()->first;
  for (std::size_t i = 3; i < axes.size(); ++i) {
    const bool same =
        std::all_of(all.begin(), all.end(), [&](const auto& s) { return s.first[i] == axes[i]; });
    if (same && i != 4 && !axes[i].empty()) text += ", " + axes[i];
  }
  return text;
}

}  // namespace

std::vector<Boundary> predicted_boundaries(const Record& r, std::int64_t lo, std::int64_t hi) {
  std::vector<Boundary> found;
  const std::int64_t slots = r.plan.slots;
  const std::int64_t tiles = static_cast<std::int64_t>(r.plan.n_tiles) * r.what.batch;
  const std::int64_t chunk = r.what.policy.chunk;
  if (slots == 0 || tiles == 0 || !r.what.ragged.empty() ||
      !schedule::has_boundaries(r.what.policy.kind))
    return found;
  for (std::int64_t m = 1;; ++m) {
    const std::int64_t n_kv = schedule::boundary(m, chunk, slots, tiles);
    if (n_kv >= hi) return found;
    if (n_kv < lo) continue;
    std::string label = fmt::format("{} × {} × {} = {}", m, slots, chunk, n_kv);
    if (tiles > 1)
      label = m * slots % tiles == 0
                  ? fmt::format("{} × {} × {} / {} = {}", m, slots, chunk, tiles, n_kv)
                  : fmt::format("⌊{} × {} / {}⌋ × {} = {}", m, slots, tiles, chunk, n_kv);
    found.push_back({n_kv, std::move(label)});
  }
}

void write_figure(std::ostream& out, const record::Run& run) {
  SeriesMap all;
  for (const Record& r : run.records)
    if (drawn(r)) all[axes_of(r)].push_back(&r);
  Json series = Json::array();
  for (const auto& [axes, records] : all) series.push_back(series_of(name_of(axes, all), records));
  out << Json{{"subtitle", all.empty() ? "" : subtitle_of(run, all)}, {"series", series}}.dump(1)
      << '\n';
}

}  // namespace mlawave::exporting
