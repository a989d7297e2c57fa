#include "harness/analysis/fitted.h"

#include <algorithm>

#include "kernels/schedule/schedule.h"

namespace mlawave::analysis {
namespace {

// The n_kv that stands for a row: llama.cpp pads what a row's middle token attends to.
std::int64_t attended(const Series& s, double n, int chunk) {
  const auto tokens = static_cast<std::int64_t>(n);
  if (s.rule == RowRule::exact) return tokens;
  return ((tokens + (s.tokens - 1) / 2) / chunk + 1) * chunk;
}

std::vector<model::FitRow> rows_of(const Series& s, const Curve& c, const Hypothesis& h) {
  schedule::Policy policy;
  policy.kind = schedule::parse_kind(s.schedule).value_or(schedule::Kind::stream_k);
  policy.chunk = h.chunk;
  std::vector<model::FitRow> rows;
  for (std::size_t i = 0; i < c.rows(); ++i)
    rows.push_back({model::load_of(policy, attended(s, c.n[i], h.chunk), s.batch, h.n_tiles,
                                   static_cast<int>(h.slots())),
                    c.y[i]});
  return rows;
}

bool whole_model(const Series& s) { return s.rule == RowRule::appending; }

}  // namespace

std::optional<model::SeriesFit> fit_curve(const Series& s, const Curve& c, const Hypothesis& h) {
  constexpr std::size_t kFewest = 8;
  if (c.rows() < kFewest) return std::nullopt;
  return model::fit_series(rows_of(s, c, h), whole_model(s));
}

ModelFit summary_of(const model::SeriesFit& f, bool whole) {
  ModelFit m;
  m.r2 = f.r2;
  m.heldout_error = f.heldout_error;
  m.null_p = f.null_p;
  m.params = {{"t_launch_us", f.t_launch_us},
              {"t_unit_us", f.t_unit_us},
              {"memory_over_unit", f.kappa},
              {whole ? "t_token_us" : "t_part_us", whole ? f.t_token_us : f.t_part_us},
              {"t_root_token_us", f.t_root_us},
              {"null_r2", f.null_r2},
              {"null_p", f.null_p}};
  return m;
}

std::vector<double> predicted_steps(const Series& s, const Curve& c, const Hypothesis& h,
                                    const model::SeriesFit& fit) {
  Curve modelled = c;
  const auto rows = rows_of(s, c, h);
  for (std::size_t i = 0; i < c.rows(); ++i) modelled.y[i] = fit.predict_us(rows[i].load);
  std::vector<double> percent = steps_of(modelled, 1).jump_us;
  for (std::size_t g = 0; g < percent.size(); ++g)
    percent[g] = modelled.y[g] > 0 ? 100 * percent[g] / modelled.y[g] : 0;
  return percent;
}

}  // namespace mlawave::analysis
