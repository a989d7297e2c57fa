// What would have to be true of machine and kernel for the curve to step, and where it would.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/analysis/series.h"
#include "harness/analysis/steps.h"

namespace mlawave::analysis {

struct Hypothesis {
  int sms = 0;  // SMs that the schedule counts with
  int ctas_per_sm = 1;
  int n_tiles = 1;
  int chunk = 256;
  int real_sms = 0;       // more than sms where they were rounded down to a power of two
  int ctas_per_tile = 1;  // a cluster that shares a tile is one slot

  std::int64_t slots() const {
    return std::max<std::int64_t>(1, std::int64_t{sms} * ctas_per_sm / ctas_per_tile);
  }
  // Tokens from one step to the next, batch 1.
  double period() const {
    return static_cast<double>(chunk) * static_cast<double>(slots()) / n_tiles;
  }
};

// What is fixed and what is searched over. Empty: searched, or the default chunk of 256.
struct Scope {
  std::vector<int> sms;
  std::vector<int> ctas_per_sm;
  std::vector<int> n_tiles;
  int chunk = 256;
  int ctas_per_tile = 1;
  bool power_of_two_too = false;  // later ik_llama.cpp rounds the SM count down
};

// CTAs per SM and tiles that kernels in use have.
std::vector<int> usual_ctas_per_sm();
std::vector<int> usual_n_tiles();

// All combinations, one per period: equal periods are told apart by no curve.
std::vector<std::vector<Hypothesis>> combinations(const Scope&);

struct Boundary {
  std::int64_t m = 0;     // max_load up to here
  std::int64_t n_kv = 0;  // last fast n_kv
  std::size_t gap = 0;    // between the last fast row and the first slow one
};

inline constexpr std::size_t kMinSide = 2;  // rows a boundary needs on either side to be seen

// Boundaries with at least `side` rows on both sides. Empty when there is none, or when the rows
// are coarser than half the period.
std::vector<Boundary> boundaries_in(const Curve&, const Hypothesis&, RowRule, int tokens, int batch,
                                    std::size_t side = kMinSide);

bool resolvable(const Curve&, const Hypothesis&);

// Hypotheses that put their boundaries into the same gaps can't be told apart by this curve.
struct Candidate {
  std::vector<Boundary> boundaries;
  std::vector<Hypothesis> hypotheses;
};

std::vector<Candidate> candidates(const Curve&, const Scope&, RowRule, int tokens, int batch);

}  // namespace mlawave::analysis
