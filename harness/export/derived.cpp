#include "harness/export/derived.h"

#include <algorithm>

#include "harness/record/summary.h"
#include "harness/stats/quantiles.h"

namespace mlawave::exporting {
namespace {

std::optional<double> median_us(const std::vector<record::Sample>& samples) {
  const std::vector<double> times = record::valid_times_us(samples);
  if (times.empty()) return std::nullopt;
  return stats::median(times);
}

std::optional<double> fraction(double bytes, double flops, double time_us,
                               const record::Ceilings& c) {
  double least_us = 0;
  if (c.read_gb_per_s > 0) least_us = std::max(least_us, bytes / c.read_gb_per_s / 1e3);
  if (c.matrix_tflop_per_s > 0) least_us = std::max(least_us, flops / c.matrix_tflop_per_s / 1e6);
  if (least_us == 0) return std::nullopt;
  return least_us / time_us;
}

}  // namespace

Derived derive(const record::Record& r, const record::Ceilings& ceilings) {
  Derived d;
  d.main_us = median_us(r.main_samples);
  d.schedule_us = median_us(r.schedule_samples);
  if (r.plan.slots > 0 && r.plan.max_load > 0)
    d.efficiency = static_cast<double>(r.plan.units) /
                   (static_cast<double>(r.plan.slots) * static_cast<double>(r.plan.max_load));
  const double time_us = r.summary.time_us;
  if (r.status != record::Status::ok || !(time_us > 0)) return d;
  const api::MlaProblem problem = r.what.problem();
  d.tokens_per_s = 1e6 * problem.batch() * problem.s_q / time_us;
  d.gb_per_s = problem.bytes() / time_us / 1e3;
  d.tflop_per_s = problem.flops() / time_us / 1e6;
  d.fraction_of_ceiling = fraction(problem.bytes(), problem.flops(), time_us, ceilings);
  return d;
}

record::Ceilings ceilings_of(const record::RunInfo& run, api::Backend backend) {
  for (const record::DeviceInfo& device : run.devices)
    if (device.backend == backend) return device.ceilings;
  return {};
}

}  // namespace mlawave::exporting
