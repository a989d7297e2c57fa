#include "harness/model/predicted_run.h"

#include <algorithm>
#include <cmath>

#include "harness/record/summary.h"

namespace mlawave::model {
namespace {

api::PlanInfo plan_of(const plan::Case& c, const KernelModel& m, int sms) {
  api::PlanInfo p;
  p.rows_per_tile = m.rows_per_tile;
  p.n_tiles = static_cast<int>(schedule::ceil_div(c.heads * c.s_q, m.rows_per_tile));
  p.sms = sms;
  p.ctas_per_sm = m.ctas_per_sm;
  p.ctas_per_tile = m.ctas_per_tile;
  p.slots = std::max(1, sms * m.ctas_per_sm / m.ctas_per_tile);
  p.shared_bytes_per_cta = m.shared_bytes_per_cta;
  return p;
}

}  // namespace

record::Record predicted(const plan::Case& c, const KernelModel& m, const Gpu& gpu) {
  record::Record r;
  r.what = c;
  r.id = c.id();
  r.status = record::Status::ok;
  r.plan = plan_of(c, m, c.sms > 0 ? c.sms : gpu.sms);
  r.partition = {c.sms, r.plan.sms, record::SmMode::grid, {}};
  const Load load = load_of(c.policy, c.n_kv, c.batch, r.plan.n_tiles, r.plan.slots);
  r.plan.units = static_cast<std::int64_t>(load.units);
  r.plan.max_load = static_cast<std::int64_t>(load.max_load);
  r.plan.partials = static_cast<std::int64_t>(load.parts);
  const double time = predict_us(m, {load, c.policy.chunk, r.plan.n_tiles, 0});
  const double other = m.gpu == gpu.name ? 0 : m.other_gpu_error;
  const double spread = std::min(0.95, std::hypot(m.error_95, other));
  for (double t : {time * (1 - spread), time, time * (1 + spread)})
    r.samples.push_back({t, 0, false});
  r.summary = record::summarize(r.samples);
  return r;
}

record::DeviceInfo device_info(const Gpu& gpu) {
  record::DeviceInfo d;
  d.backend = api::Backend::model;
  d.name = gpu.name;
  d.compute_capability = std::to_string(gpu.compute_capability / 10) + "." +
                         std::to_string(gpu.compute_capability % 10);
  d.sms = gpu.sms;
  d.l2_bytes = static_cast<std::int64_t>(gpu.l2_mb * 1024 * 1024);
  d.shared_bytes_per_sm = std::int64_t{gpu.shared_kb_per_sm} * 1024;
  d.max_sm_clock_mhz = gpu.boost_mhz;
  return d;
}

}  // namespace mlawave::model
