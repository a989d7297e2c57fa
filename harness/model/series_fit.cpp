#include "harness/model/series_fit.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "harness/model/f_test.h"
#include "harness/model/nonnegative.h"

namespace mlawave::model {
namespace {

using Columns = std::vector<std::vector<double>>;

// Columns: launch, core, and parts, or tokens and their root.
struct Design {
  Columns columns;
  std::vector<double> y, weights;
};

template <class CoreOf>
Design design(std::span<const FitRow> rows, bool whole_model, CoreOf core) {
  Design d;
  d.columns.resize(whole_model ? 4 : 3);
  for (const FitRow& r : rows) {
    d.columns[0].push_back(1);
    d.columns[1].push_back(core(r.load));
    d.columns[2].push_back(whole_model ? r.load.tokens : r.load.parts);
    if (whole_model) d.columns[3].push_back(std::sqrt(r.load.tokens));
    d.y.push_back(r.time_us);
    d.weights.push_back(1 / (r.time_us * r.time_us));
  }
  return d;
}

std::optional<LinearFit> fit(const Design& d) { return fit_nonnegative(d.columns, d.y, d.weights); }

double total(const Design& d) {
  double weight = 0, mean = 0, sum = 0;
  for (std::size_t i = 0; i < d.y.size(); ++i)
    weight += d.weights[i], mean += d.weights[i] * d.y[i];
  mean /= weight;
  for (std::size_t i = 0; i < d.y.size(); ++i)
    sum += d.weights[i] * (d.y[i] - mean) * (d.y[i] - mean);
  return sum;
}

struct BestKappa {
  Core core = Core::rounds;
  double kappa = 0;
  LinearFit fit;
};

void try_kappa(BestKappa& best, std::span<const FitRow> rows, bool whole_model, Core core,
               double kappa) {
  const auto f =
      fit(design(rows, whole_model, [&](const Load& l) { return core_of(core, kappa, l); }));
  if (f && (best.fit.coefficients.empty() || f->residual < best.fit.residual * (1 - 1e-9)))
    best = {core, kappa, *f};
}

// κ on a logarithmic grid, then finer around the best.
BestKappa search(std::span<const FitRow> rows, bool whole_model) {
  BestKappa best;
  try_kappa(best, rows, whole_model, Core::rounds, 0);
  for (Core core : {Core::rounds, Core::overlap})
    for (double kappa = 0.5; kappa < 24; kappa *= 1.25)
      try_kappa(best, rows, whole_model, core, kappa);
  for (double width = 0.12; width > 0.005; width /= 2) {
    const double at = best.kappa;
    for (double step : {-1.0, 1.0})
      if (at > 0) try_kappa(best, rows, whole_model, best.core, at * (1 + step * width));
  }
  return best;
}

SeriesFit to_fit(const BestKappa& b, bool whole_model) {
  SeriesFit s;
  s.core = b.core;
  s.kappa = b.kappa;
  if (b.fit.coefficients.empty()) return s;
  s.t_launch_us = b.fit.coefficients[0];
  s.t_unit_us = b.fit.coefficients[1];
  (whole_model ? s.t_token_us : s.t_part_us) = b.fit.coefficients[2];
  if (whole_model) s.t_root_us = b.fit.coefficients[3];
  return s;
}

double heldout(std::span<const FitRow> rows, bool whole_model, const BestKappa& best) {
  constexpr std::size_t kFolds = 5;
  double sum = 0;
  for (std::size_t fold = 0; fold < kFolds; ++fold) {
    std::vector<FitRow> kept;
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (i % kFolds != fold) kept.push_back(rows[i]);
    BestKappa b{best.core, best.kappa, {}};
    try_kappa(b, kept, whole_model, best.core, best.kappa);
    const SeriesFit f = to_fit(b, whole_model);
    for (std::size_t i = fold; i < rows.size(); i += kFolds)
      sum += std::abs(f.predict_us(rows[i].load) / rows[i].time_us - 1);
  }
  return sum / static_cast<double>(rows.size());
}

}  // namespace

std::string_view to_string(Core c) { return c == Core::rounds ? "rounds" : "overlap"; }

double core_of(Core core, double kappa, const Load& l) {
  if (core == Core::overlap) return std::max(kappa * l.units / l.slots, l.max_load);
  const double full = std::floor(l.units / l.slots);
  const double left = l.units - full * l.slots;
  // A schedule that deals unevenly has more on its busiest slot than a round has.
  const double extra = std::max(0.0, l.max_load - full - (left > 0 ? 1 : 0));
  return full * std::max(1.0, kappa) + (left > 0 ? std::max(1.0, kappa * left / l.slots) : 0) +
         extra;
}

double SeriesFit::predict_us(const Load& l) const {
  return t_launch_us + t_unit_us * core_of(core, kappa, l) + t_part_us * l.parts +
         t_token_us * l.tokens + t_root_us * std::sqrt(l.tokens);
}

SeriesFit fit_series(std::span<const FitRow> rows, bool whole_model) {
  constexpr std::size_t kFewest = 8;
  if (rows.size() < kFewest) return {};
  const BestKappa best = search(rows, whole_model);
  SeriesFit out = to_fit(best, whole_model);
  if (best.fit.coefficients.empty()) return out;
  const Design null = design(rows, whole_model, [](const Load& l) { return l.units / l.slots; });
  const double all = total(null);
  out.r2 = all > 0 ? 1 - best.fit.residual / all : 0;
  out.heldout_error = heldout(rows, whole_model, best);
  if (const auto n = fit(null)) {
    const int null_parameters = whole_model ? 4 : 3;
    out.null_r2 = all > 0 ? 1 - n->residual / all : 0;
    out.null_p =
        f_test(n->residual, null_parameters, best.fit.residual, null_parameters + 1,  // κ more
               static_cast<int>(rows.size()));
  }
  return out;
}

}  // namespace mlawave::model
