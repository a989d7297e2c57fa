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

record::Record predicted(const plan::Case& c, const KernelModel& m, const Gpu& gpu, bool phases) {
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
  const SweepRow row{load, c.policy.chunk, r.plan.n_tiles, 0};
  const double time = predict_us(m, row);
  const double other = m.gpu == gpu.name ? 0 : m.other_gpu_error;
  const double spread = std::min(0.95, std::hypot(m.error_95, other));
  for (double t : {time * (1 - spread), time, time * (1 + spread)})
    r.samples.push_back({t, 0, false});
  r.summary = record::summarize(r.samples);
  if (phases) r.main_samples.push_back({time - combine_us(m, row), 0, false});
  return r;
}

std::vector<KernelModel> kernels_for(const std::vector<KernelModel>& fitted, const Gpu& gpu,
                                     const std::function<void(const std::string&)>& left_out) {
  std::vector<KernelModel> out;
  for (const KernelModel& m : fitted)
    if (runs_on(m, gpu))
      out.push_back(moved_to(m, gpu));
    else
      left_out(m.kernel);
  return out;
}

plan::SlotsOf slots_of_models(std::vector<KernelModel> moved, const Gpu& gpu) {
  return [moved = std::move(moved), sms = gpu.sms](const plan::SlotsQuery& q) {
    for (const KernelModel& m : moved)
      if (m.kernel == q.kernel) {
        plan::Case c;
        c.heads = q.heads;
        c.s_q = q.s_q;
        const api::PlanInfo info = plan_of(c, m, q.sms > 0 ? q.sms : sms);
        return plan::Slots{info.slots, info.n_tiles};
      }
    return plan::Slots{};
  };
}

std::vector<record::Record> predicted_records(const plan::Plan& plan,
                                              const std::vector<KernelModel>& moved, const Gpu& gpu,
                                              const std::string& command) {
  std::vector<record::Record> out;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const plan::Case c = plan.at(i);
    for (const KernelModel& m : moved) {
      if (m.kernel != c.kernel) continue;
      out.push_back(predicted(c, m, gpu, plan.config().policy.phases));
      out.back().command = command;
    }
  }
  return out;
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
