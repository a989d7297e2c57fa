#include "harness/import/series.h"

#include <algorithm>
#include <charconv>

#include "harness/model/gpus.h"
#include "kernels/schedule/schedule.h"

namespace mlawave::importer {
namespace {

constexpr int kWarmUpRows = 2;  // the first rows of a posted table hold a warm-up
constexpr int kLlamaChunk = 256;

std::string key(const Table& t, std::string_view name) {
  const auto found = t.keys.find(std::string(name));
  return found == t.keys.end() ? "" : found->second;
}

std::optional<int> key_number(const Table& t, std::string_view name) {
  const std::string text = key(t, name);
  int n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size() || n <= 0) return std::nullopt;
  return n;
}

// "cpu_conflicting-columns.md": a CPU run, unless the name has a card or says that it was shared.
bool named_after_a_cpu(const std::string& name) {
  std::string words = " ";
  for (char c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    words.push_back((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : ' ');
  }
  words.push_back(' ');
  constexpr std::string_view kShared[] = {" gpu ", " cuda ", " moe ", " hybrid ", " offload "};
  return words.find(" cpu ") != words.npos && !model::gpu_named_in(name) &&
         std::none_of(std::begin(kShared), std::end(kShared),
                      [&](std::string_view w) { return words.find(w) != words.npos; });
}

std::string backend_of(const Table& t) {
  std::string backend = key(t, "backend") + key(t, "backends");
  std::transform(backend.begin(), backend.end(), backend.begin(), [](unsigned char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  });
  if (key(t, "n_gpu_layers") == "0" || key(t, "ngl") == "0") return "cpu";
  if (backend.find("cuda") != std::string::npos) return "cuda";
  if (backend.empty() && t.gpu.empty() && named_after_a_cpu(t.name)) return "cpu";
  return backend;
}

double median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  const std::size_t n = v.size();
  return n % 2 == 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

analysis::Point to_point(const Row& first, std::vector<double> times) {
  analysis::Point p;
  p.n_kv = first.n_kv;
  p.line = first.line;
  p.time_us = median(times);
  if (times.size() == 1) p.lo_us = first.lo_us, p.hi_us = first.hi_us;
  p.clock_mhz = first.clock_mhz;
  return p;
}

std::vector<analysis::Point> points_of(std::vector<Row> rows) {
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& a, const Row& b) { return a.n_kv < b.n_kv; });
  std::vector<analysis::Point> points;
  for (std::size_t i = 0; i < rows.size();) {
    std::vector<double> times;
    const std::size_t first = i;
    for (; i < rows.size() && rows[i].n_kv == rows[first].n_kv; ++i)
      times.push_back(rows[i].time_us);
    points.push_back(to_point(rows[first], std::move(times)));
  }
  return points;
}

// llama.cpp pads, our own export with its plan does not. A plain CSV may come from either, and so
// may a table in llama.cpp's format that it did not write, such as our export.
bool rule_known(const Table& t) {
  if (t.format == Format::csv) return t.tg > 0 || t.rows.back().units > 0;
  return !t.no_prompt && !key(t, "model_type").starts_with("mla attention");
}

analysis::Known known_of(const Table& t) {
  analysis::Known k;
  k.sms = key_number(t, "sms");
  k.chunk = key_number(t, "chunk");
  k.ctas_per_sm = key_number(t, "ctas_per_sm");
  k.n_tiles = key_number(t, "n_tiles");
  if (t.format != Format::csv) k.chunk = kLlamaChunk;
  const Row& r = t.rows.back();
  if (k.sms && r.slots > 0) k.ctas_per_sm = static_cast<int>(r.slots / *k.sms);
  if (k.chunk && r.units > 0 && r.n_kv > 0)
    k.n_tiles = static_cast<int>(r.units / t.batch / schedule::ceil_div(r.n_kv, *k.chunk));
  return k;
}

}  // namespace

analysis::Series to_series(const Table& t) {
  analysis::Series s;
  s.name = t.name;
  s.source = t.source;
  s.backend = backend_of(t);
  s.kernel = key(t, "kernel");
  s.schedule = key(t, "schedule");
  s.gpu = t.gpu.empty() ? key(t, "gpu_info") : t.gpu;
  s.batch = key_number(t, "batch").value_or(t.batch);
  const bool appends = t.format != Format::csv || t.tg > 0;
  s.rule = appends ? analysis::RowRule::appending : analysis::RowRule::exact;
  s.either_rule = !rule_known(t);
  s.tokens = std::max(1, t.tg);
  s.skip_rows = kWarmUpRows;
  s.known = known_of(t);
  s.points = points_of(t.rows);
  for (const BadRow& b : t.bad_rows) s.bad_rows.push_back({b.line, b.n_kv, b.reason});
  s.notes = t.notes;
  return s;
}

}  // namespace mlawave::importer
