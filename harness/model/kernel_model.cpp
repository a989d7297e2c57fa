#include "harness/model/kernel_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "harness/config/bad_input.h"
#include "harness/model/nonnegative.h"
#include "harness/stats/quantiles.h"

namespace mlawave::model {
namespace {

constexpr double kBytesPerToken = 1152;       // 576 columns of 16 bits
constexpr double kBytesPerMicrosecond = 1e3;  // of 1 GB/s

double round_bytes(const SweepRow& r) {
  return r.load.slots / r.n_tiles * r.chunk * kBytesPerToken;
}

// Ratios that the core depends on, everything else is linear.
struct Ratios {
  Core core = Core::rounds;
  double fixed_tokens = 0;      // unit_fixed / unit_token, in tokens
  double memory_per_token = 0;  // µs per byte / unit_token
};

double kappa_of(const Ratios& q, const SweepRow& r) {
  return round_bytes(r) * q.memory_per_token / (r.chunk + q.fixed_tokens);
}

// Columns: launch, unit_token, combine, part, chain.
std::vector<std::vector<double>> columns_of(const Ratios& q, std::span<const SweepRow> rows) {
  std::vector<std::vector<double>> c(5);
  for (const SweepRow& r : rows) {
    c[0].push_back(1);
    c[1].push_back(core_of(q.core, kappa_of(q, r), r.load) * (r.chunk + q.fixed_tokens));
    c[2].push_back(r.load.parts > 0 ? 1 : 0);
    c[3].push_back(r.load.parts);
    c[4].push_back(r.load.parts / r.n_tiles);
  }
  return c;
}

struct BestRatios {
  Ratios ratios;
  std::optional<LinearFit> fit;
};

struct Data {
  std::span<const SweepRow> rows;
  std::vector<double> y, weights;
  bool one_chunk = true;
  double most_gb_per_s = 0;
};

double bandwidth(const Ratios& q, double unit_token_us) {
  return 1 / (q.memory_per_token * unit_token_us * kBytesPerMicrosecond);
}

void try_ratios(BestRatios& best, const Ratios& q, const Data& d) {
  if (d.one_chunk && q.fixed_tokens > 0) return;
  auto f = fit_nonnegative(columns_of(q, d.rows), d.y, d.weights);
  if (!f || f->coefficients[1] <= 0) return;
  if (d.most_gb_per_s > 0 && bandwidth(q, f->coefficients[1]) > d.most_gb_per_s) return;
  if (!best.fit || f->residual < best.fit->residual) best = {q, std::move(f)};
}

BestRatios search(const Data& d) {
  double biggest = 0;
  for (const SweepRow& r : d.rows) biggest = std::max(biggest, round_bytes(r) / r.chunk);
  BestRatios best;
  for (Core core : {Core::rounds, Core::overlap})
    for (double fixed : {0.0, 16.0, 48.0, 128.0, 320.0})
      for (double kappa = 0.4; kappa < 30; kappa *= 1.4)
        try_ratios(best, {core, fixed, kappa / biggest}, d);
  for (double width = 0.3; best.fit && width > 0.01; width /= 1.7) {
    const Ratios at = best.ratios;
    for (double a : {-1.0, 0.0, 1.0})
      for (double b : {-1.0, 0.0, 1.0})
        try_ratios(best,
                   {at.core, std::max(0.0, at.fixed_tokens + a * width * 64),
                    at.memory_per_token * (1 + b * width)},
                   d);
  }
  return best;
}

}  // namespace

double combine_us(const KernelModel& m, const SweepRow& r) {
  return (r.load.parts > 0 ? m.combine_us : 0) + m.part_us * r.load.parts +
         m.chain_us * r.load.parts / r.n_tiles;
}

double predict_us(const KernelModel& m, const SweepRow& r) {
  const double unit = m.unit_fixed_us + m.unit_token_us * r.chunk;
  const double memory = round_bytes(r) / (m.bandwidth_gb_per_s * kBytesPerMicrosecond);
  const double core = unit > 0 ? unit * core_of(m.core, memory / unit, r.load) : 0;
  return m.launch_us + core + combine_us(m, r);
}

void fit_kernel(KernelModel& m, std::span<const SweepRow> rows, double most_gb_per_s) {
  constexpr std::size_t kFewest = 16;
  if (rows.size() < kFewest)
    throw config::BadInput(fmt::format("{}: {} rows of kernel {} to fit, expected at least {}",
                                       m.fitted_from, rows.size(), m.kernel, kFewest));
  Data d{rows, {}, {}, true, most_gb_per_s};
  for (const SweepRow& r : rows) {
    d.y.push_back(r.time_us);
    d.weights.push_back(1 / (r.time_us * r.time_us));
    d.one_chunk = d.one_chunk && r.chunk == rows[0].chunk;
  }
  const BestRatios best = search(d);
  if (!best.fit)
    throw config::BadInput(fmt::format("{}: the times of kernel {} don't depend on its load",
                                       m.fitted_from, m.kernel));
  const auto& b = best.fit->coefficients;
  m.core = best.ratios.core;
  m.launch_us = b[0];
  m.unit_token_us = b[1];
  m.unit_fixed_us = b[1] * best.ratios.fixed_tokens;
  m.bandwidth_gb_per_s = bandwidth(best.ratios, b[1]);
  m.combine_us = b[2];
  m.part_us = b[3];
  m.chain_us = b[4];
  m.rows = static_cast<int>(rows.size());
  std::vector<double> errors;
  for (const SweepRow& r : rows) errors.push_back(std::abs(predict_us(m, r) / r.time_us - 1));
  double sum = 0;
  for (double e : errors) sum += e;
  m.typical_error = sum / static_cast<double>(errors.size());
  m.error_95 = stats::quantile(errors, 0.95);
}

KernelModel moved_to(const KernelModel& m, const Gpu& gpu) {
  constexpr std::int64_t kReserved = 1024;  // bytes per CTA that the runtime keeps
  KernelModel out = m;
  if (m.gpu_boost_mhz > 0) {
    const double slower = m.gpu_boost_mhz / gpu.boost_mhz;
    for (double* us :
         {&out.unit_fixed_us, &out.unit_token_us, &out.combine_us, &out.part_us, &out.chain_us})
      *us *= slower;
  }
  if (m.gpu_bandwidth_gb_per_s > 0)
    out.bandwidth_gb_per_s *= gpu.bandwidth_gb_per_s / m.gpu_bandwidth_gb_per_s;
  if (m.shared_bytes_per_cta > 0) {
    const std::int64_t room = std::int64_t{gpu.shared_kb_per_sm} * 1024;
    const std::int64_t fit = room / (m.shared_bytes_per_cta + kReserved);
    out.ctas_per_sm = static_cast<int>(std::clamp<std::int64_t>(fit, 1, m.ctas_per_sm));
  }
  return out;
}

bool runs_on(const KernelModel& m, const Gpu& gpu) {
  constexpr std::string_view kMark = "_sm";
  const auto at = m.kernel.find(kMark);
  if (at == std::string::npos) return true;
  return m.kernel.compare(at + kMark.size(), std::to_string(gpu.compute_capability).size(),
                          std::to_string(gpu.compute_capability)) == 0;
}

}  // namespace mlawave::model
