// Steps of a curve against its own local noise.
//
// A gap is the place between row i and row i+1. Its jump is what is left of the rise there once the
// local slope is taken off; its score is that jump over the spread (MAD) of all jumps and of those
// nearby, whichever is larger, so that a noisy stretch makes no steps.
#pragma once

#include <cstddef>
#include <vector>

#include "harness/analysis/series.h"

namespace mlawave::analysis {

// Rows used for the analysis: without the warm-up rows, spikes levelled.
struct Curve {
  std::vector<double> n;            // ascending n_kv
  std::vector<double> y;            // time_us, spikes replaced by the mean of their neighbours
  std::vector<std::size_t> point;   // index in Series::points
  std::vector<std::size_t> spikes;  // rows of this curve that stood alone
  std::vector<double> spike_us;     // how far they stood out
  double row_step = 0;              // median distance of rows, tokens

  std::size_t rows() const { return n.size(); }
  std::size_t gaps() const { return n.size() < 2 ? 0 : n.size() - 1; }
};

Curve prepare(const Series&);

inline constexpr int kWindows = 2;  // rows on each side of a gap: 1, 2

struct Steps {
  std::vector<double> jump_us;   // [gaps]
  std::vector<double> error_us;  // [gaps] standard error of the jump
  std::vector<double> score;     // [gaps] jump / error; 0 beside a stronger gap of the same step
};

// `window`: rows on each side, from 1.
Steps steps_of(const Curve&, int window);

// Typical row-to-row noise: 1.48 × MAD of what a row differs from its neighbours' line.
double noise_us(const Curve&);

}  // namespace mlawave::analysis
