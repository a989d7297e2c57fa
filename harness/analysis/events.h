// Everything in a curve that stands out: what the boundaries explain, and what they don't.
#pragma once

#include <vector>

#include "harness/analysis/chance.h"
#include "harness/analysis/explanation.h"
#include "harness/analysis/hypothesis.h"
#include "harness/analysis/steps.h"

namespace mlawave::analysis {

struct Edge {  // a step up or down that stands out from the noise
  std::size_t gap = 0;
  double jump_us = 0;
  double score = 0;
};

inline constexpr double kPlainScore = 8;  // of an edge that nobody can overlook

// Edges of |score| at least `least` in a window, the strongest of each neighbourhood.
std::vector<Edge> edges_of(const Curve&, const std::vector<Steps>& windows, double least);

// Edges and spikes that the boundaries don't account for. A fall right behind a boundary belongs
// to it: the curve is flat there until the busiest slot is the bound again.
std::vector<Edge> unaccounted(const std::vector<Edge>&, const std::vector<Boundary>&);

// What the unaccounted edges and spikes are, as far as the curve tells.
std::vector<Event> name_events(const Series&, const Curve&, const std::vector<Edge>& unaccounted);

}  // namespace mlawave::analysis
