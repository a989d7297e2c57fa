// Curves whose truth is known, to learn how often the verdict is right.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/analysis/hypothesis.h"
#include "harness/analysis/series.h"

namespace mlawave::analysis {

// What a simulated curve holds besides noise. All but `waves` must not be called waves.
enum class Shape {
  waves,
  smooth,       // a line with a little curvature
  bend,         // the slope changes once (L2)
  one_step,     // a kernel switch anywhere
  sawtooth,     // tile or page rounding, 512..2048 tokens
  bumps,        // throttle-like stretches
  drift,        // noise that remembers (autoregressive, 0.9)
  heavy_tails,  // rows that are far out (Student t, 2 degrees)
};

std::string_view to_string(Shape);

struct Simulated {
  Series series;
  Shape shape = Shape::smooth;
  Hypothesis truth;             // of waves
  double noise = 0;             // standard deviation of a row, fraction of its time
  double jump = 0;              // of waves: typical jump, fraction of the time
  std::int64_t boundaries = 0;  // of waves: with two rows on either side
};

// Draw `index` of a study; the same everywhere for the same seed and index.
Simulated draw(std::uint64_t seed, std::uint64_t index, bool with_waves);

}  // namespace mlawave::analysis
