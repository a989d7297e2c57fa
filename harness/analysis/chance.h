// How often chance does as well: the boundaries laid over the same jumps in random order.
//
// A placement's statistic is Σ score / √(boundaries) over its gaps, each score cut to [-3, 6] so
// that no single event decides. The jumps keep their sizes and lose their places (permutation), all
// placements are scored on each shuffle, and the best of them counts: the p-value of a placement is
// the share of shuffles whose best reaches it. That corrects for the search over placements and
// windows, whatever their dependence (Westfall and Young, "Resampling-Based Multiple Testing",
// 1993: single-step maxT).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace mlawave::analysis {

struct Placement {
  std::vector<std::size_t> gaps;  // ascending, each once
};

struct Chance {
  double statistic = 0;  // best over the windows
  int window = 0;        // index of the window that gave it
  double p_value = 1;    // corrected for the search
};

// `scores[w]`: scores of all gaps at window w. One result per placement, same order.
std::vector<Chance> test_placements(std::span<const std::vector<double>> scores,
                                    std::span<const Placement>, int shuffles, std::uint64_t seed);

inline constexpr double kMostScore = 6;  // a single gap counts no more than this

double cut_score(double score, double most_score = kMostScore);

// The statistic of one placement at one window.
double statistic(std::span<const double> scores, std::span<const std::size_t> gaps,
                 double most_score = kMostScore);

}  // namespace mlawave::analysis
