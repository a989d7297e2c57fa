#include <cmath>

#include "harness/analysis/report_json.h"
#include "harness/analysis/tune_report.h"

namespace mlawave::analysis {
namespace {

Json number(double x) { return std::isfinite(x) ? Json(x) : Json(nullptr); }

Json to_json(const Jump& j) {
  return {{"boundary", j.boundary},
          {"n_kv", j.n_kv},
          {"from_load", j.from_load},
          {"jump_us", number(j.jump_us)},
          {"jump_percent", number(j.jump_percent)},
          {"interval_percent",
           {number(j.jump_percent - j.half_percent), number(j.jump_percent + j.half_percent)}}};
}

Json to_json(const Judged& c) {
  const bool splits = c.policy.kind == schedule::Kind::split_kv;
  return {{"kernel", c.kernel},
          {"schedule", schedule::to_string(c.policy.kind)},
          {"splits", splits ? Json(c.policy.splits) : Json(nullptr)},
          {"chunk", c.policy.chunk},
          {"total_us", number(c.total_us)},
          {"mean_us", number(c.mean_us)},
          {"mean_us_interval",
           {number(c.mean_us - c.mean_half_us), number(c.mean_us + c.mean_half_us)}},
          {"slower_percent", number(c.slower_percent)},
          {"as_good_as_least", c.as_good_as_least},
          {"combine_us", or_null(c.combine_us)},
          {"combine_source",
           !c.combine_us ? Json(nullptr) : Json(c.combine_modelled ? "model" : "phases")},
          {"boundaries", c.jumps.boundaries},
          {"boundaries_too_coarse", c.jumps.too_coarse},
          {"largest_jump", c.jumps.largest ? to_json(*c.jumps.largest) : Json(nullptr)},
          {"jump_stands_out", c.jumps.stands_out()},
          {"noise_percent", number(c.jumps.noise_percent)},
          {"depth_percent", or_null(c.depth_percent)}};
}

// Indices into "choices".
Json to_json(const Best& b) {
  return {{"least_total", b.least},
          {"shallowest", or_null(b.shallowest)},
          {"shallowest_within_5_percent", or_null(b.shallowest_affordable)}};
}

Json to_json(const Tuning& t) {
  const Judgement& j = t.judgement;
  Json choices = Json::array(), kernels = Json::object();
  for (const Judged& c : j.choices) choices.push_back(to_json(c));
  for (const KernelBest& k : j.kernels) kernels[k.kernel] = to_json(k.best);
  return {{"backend", api::to_string(t.backend)},
          {"measured", t.backend != api::Backend::model},
          {"device", t.device},
          {"sms", t.sms},
          {"heads", t.heads},
          {"s_q", t.s_q},
          {"batch", t.batch},
          {"dtype", t.dtype},
          {"layout", t.layout},
          {"cache", t.cache},
          {"n_kv", {j.first_n_kv, j.last_n_kv}},
          {"rows", j.rows},
          {"rows_left_out", j.rows_left_out},
          {"dropped", j.dropped},
          {"predicted_interval_percent",
           t.backend == api::Backend::model ? Json(t.interval_percent) : Json(nullptr)},
          {"choices", choices},
          {"overall", j.choices.empty() ? Json(nullptr) : to_json(j.overall)},
          {"kernels", kernels}};
}

}  // namespace

std::string as_json(std::span<const Tuning> all) {
  Json tunings = Json::array();
  for (const Tuning& t : all) tunings.push_back(to_json(t));
  return Json{{"tunings", tunings}}.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace mlawave::analysis
