// Least squares with coefficients that are not below zero, for a handful of columns.
#pragma once

#include <optional>
#include <span>
#include <vector>

namespace mlawave::model {

struct LinearFit {
  std::vector<double> coefficients;  // one a column; 0 where it does not help
  double residual = 0;               // Σ weight · (y - fit)²
  int used = 0;                      // columns with a coefficient above 0
};

// Exact: every subset of the columns is tried (at most kMostColumns). `weights`: one a row.
// Nothing when no subset can be solved.
inline constexpr std::size_t kMostColumns = 6;
std::optional<LinearFit> fit_nonnegative(std::span<const std::vector<double>> columns,
                                         std::span<const double> y,
                                         std::span<const double> weights);

}  // namespace mlawave::model
