#include "harness/analysis/scope.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/config/bad_input.h"

namespace mlawave::analysis {
namespace {

constexpr int kDefaultChunk = 256;

std::string file_name(const std::string& path) {
  const auto slash = path.find_last_of('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

std::vector<int> all_sm_counts() {
  std::vector<int> counts;
  for (const model::Gpu& g : model::all_gpus()) counts.push_back(g.sms);
  std::sort(counts.begin(), counts.end());
  counts.erase(std::unique(counts.begin(), counts.end()), counts.end());
  return counts;
}

void take_gpu(Setting& s, const model::Gpu& gpu, std::string_view where) {
  s.gpu = gpu;
  if (s.sms_known) return;
  s.scope.sms = {gpu.sms};
  s.sms_known = true;
  s.sms_source = fmt::format("of the {}{}", gpu.name, where);
}

void find_sms(Setting& s, const Series& series, const Question& q) {
  if (q.sms) {
    s.scope.sms = {*q.sms};
    s.sms_known = true;
    s.sms_source = "given";
  } else if (series.known.sms && !q.gpu) {
    s.scope.sms = {*series.known.sms};
    s.sms_known = true;
    s.sms_source = "recorded";
  }
  if (q.gpu) {
    const auto gpu = model::find_gpu(*q.gpu);
    if (!gpu)
      throw config::BadInput(fmt::format("--gpu \"{}\": not in the table of GPUs{}; give --sms",
                                         *q.gpu, model::nearest_gpu(*q.gpu)));
    return take_gpu(s, *gpu, "");
  }
  if (!series.gpu.empty())
    if (const auto gpu = model::gpu_named_in(series.gpu))
      return take_gpu(s, *gpu, ", which the input names");
  if (series.known.sms) return;
  if (const auto gpu = model::gpu_named_in(file_name(series.source)))
    return take_gpu(s, *gpu, ", which the file's name says");
}

}  // namespace

Setting setting_of(const Series& series, const Question& q) {
  Setting s;
  find_sms(s, series, q);
  s.no_sms = series.backend == "cpu" && !s.sms_known;
  if (!s.sms_known) s.scope.sms = all_sm_counts();
  if (const auto c = q.ctas_per_sm ? q.ctas_per_sm : series.known.ctas_per_sm)
    s.scope.ctas_per_sm = {*c};
  if (const auto t = q.n_tiles ? q.n_tiles : series.known.n_tiles) s.scope.n_tiles = {*t};
  s.scope.chunk = q.chunk.value_or(series.known.chunk.value_or(kDefaultChunk));
  s.scope.ctas_per_tile = series.known.ctas_per_tile;
  s.scope.power_of_two_too =
      s.sms_known && series.rule == RowRule::appending && !q.sms && !q.ctas_per_sm;
  return s;
}

}  // namespace mlawave::analysis
