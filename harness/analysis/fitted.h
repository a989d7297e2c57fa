// The time model of a curve under the chosen hypothesis, and the steps it predicts.
#pragma once

#include <optional>
#include <vector>

#include "harness/analysis/explanation.h"
#include "harness/analysis/hypothesis.h"
#include "harness/analysis/series.h"
#include "harness/analysis/steps.h"
#include "harness/model/series_fit.h"

namespace mlawave::analysis {

// Nothing with fewer than 8 rows.
std::optional<model::SeriesFit> fit_curve(const Series&, const Curve&, const Hypothesis&);

ModelFit summary_of(const model::SeriesFit&, bool whole_model);

// What the fitted model's own curve steps by in each gap, percent of its time.
std::vector<double> predicted_steps(const Series&, const Curve&, const Hypothesis&,
                                    const model::SeriesFit&);

}  // namespace mlawave::analysis
