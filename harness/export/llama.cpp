#include "harness/export/llama.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "harness/record/summary.h"

namespace mlawave::exporting {
namespace {

using Json = nlohmann::ordered_json;
using Rows = std::vector<const record::Record*>;

int tokens(const record::Record& r) { return r.what.batch * r.what.s_q; }

// By series, in the order in which the series first appear; inside one by n_kv.
std::vector<std::pair<std::string, Rows>> timed_series(std::span<const record::Record> records) {
  std::vector<std::pair<std::string, Rows>> series;
  std::map<std::string, std::size_t> index;
  for (const record::Record& r : records) {
    if (r.status != record::Status::ok || !(r.summary.time_us > 0) || !r.what.ragged.empty())
      continue;
    const auto [it, is_new] = index.try_emplace(r.what.series_id(), series.size());
    if (is_new) series.emplace_back(it->first, Rows{});
    series[it->second].second.push_back(&r);
  }
  for (auto& [name, rows] : series)
    std::stable_sort(rows.begin(), rows.end(),
                     [](auto* a, auto* b) { return a->what.n_kv < b->what.n_kv; });
  return series;
}

struct Spread {
  double mean = 0, stddev = 0;
};

Spread spread(const std::vector<double>& x) {
  Spread s;
  if (x.empty()) return s;
  for (double v : x) s.mean += v / static_cast<double>(x.size());
  for (double v : x) s.stddev += (v - s.mean) * (v - s.mean);
  s.stddev = x.size() > 1 ? std::sqrt(s.stddev / static_cast<double>(x.size() - 1)) : 0;
  return s;
}

Json llama_row(const std::string& series, const record::Record& r, const record::RunInfo& run,
               const std::string& title) {
  std::vector<double> ns, rates;
  for (double time_us : record::valid_times_us(r.samples)) {
    ns.push_back(std::round(time_us * 1e3));
    rates.push_back(time_us > 0 ? 1e6 * tokens(r) / time_us : 0);
  }
  std::string gpu;
  for (const record::DeviceInfo& device : run.devices)
    if (device.backend == r.what.backend) gpu = device.name;
  const Spread time = spread(ns), rate = spread(rates);
  return {{"build_commit", run.build.git_revision},
          {"build_number", 0},
          {"cpu_info", run.host.cpu},
          {"gpu_info", gpu},
          {"backends", api::to_string(r.what.backend)},
          {"model_filename", series},
          {"model_type", (title.empty() ? "" : title + ": ") + "mla attention " + r.what.kernel},
          {"n_prompt", 0},
          {"n_gen", tokens(r)},
          {"n_depth", r.what.n_kv},
          {"test_time", run.start_time_utc},
          {"avg_ns", std::llround(time.mean)},
          {"stddev_ns", std::llround(time.stddev)},
          {"avg_ts", rate.mean},
          {"stddev_ts", rate.stddev},
          {"samples_ns", std::vector<long long>(ns.begin(), ns.end())},
          {"samples_ts", rates}};
}

}  // namespace

void write_sweep_bench(std::ostream& out, std::span<const record::Record> records,
                       const std::string& title) {
  if (!title.empty()) out << title << "\n\n";
  const char* gap = "";
  for (const auto& [name, rows] : timed_series(records)) {
    out << gap << "## " << name << "\n\n"
        << "|    PP |     TG |   N_KV |   T_PP s | S_PP t/s |      T_TG s |    S_TG t/s |\n"
        << "|-------|--------|--------|----------|----------|-------------|-------------|\n";
    for (const record::Record* r : rows)
      out << fmt::format("| {:5} | {:6} | {:6} | {:8.3f} | {:8.2f} | {:11.9f} | {:11.2f} |\n", 0,
                         tokens(*r), r->what.n_kv, 0.0, 0.0, r->summary.time_us * 1e-6,
                         1e6 * tokens(*r) / r->summary.time_us);
    gap = "\n";
  }
}

void write_llama_bench(std::ostream& out, std::span<const record::Record> records,
                       const record::RunInfo& run, const std::string& title) {
  Json rows = Json::array();
  for (const auto& [name, series] : timed_series(records))
    for (const record::Record* r : series) rows.push_back(llama_row(name, *r, run, title));
  out << rows.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace mlawave::exporting
