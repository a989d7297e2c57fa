// Patterns of the whole curve that are not waves: a short sawtooth, a bend where the L2 is full.
#pragma once

#include <optional>

#include "harness/analysis/explanation.h"
#include "harness/analysis/series.h"
#include "harness/analysis/steps.h"

namespace mlawave::analysis {

// Jumps that repeat every 2..12 rows (their autocorrelation). `known_period`: a period that is
// already explained, with its multiples; 0: none.
std::optional<Event> short_sawtooth(const Series&, const Curve&, const Steps& window_1,
                                    double known_period);

// A lasting change of slope near the n_kv whose cache fills the L2. Nothing where the series does
// not say L2 and bytes per token.
std::optional<Event> l2_bend(const Series&, const Curve&);

}  // namespace mlawave::analysis
