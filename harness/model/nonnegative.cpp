#include "harness/model/nonnegative.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>

namespace mlawave::model {
namespace {

using Matrix = std::array<std::array<double, kMostColumns + 1>, kMostColumns>;

// Normal equations of all columns: [i][j] = Σ w x_i x_j, [i][columns] = Σ w x_i y.
struct Normal {
  Matrix m{};
  double yy = 0;
};

Normal normal_equations(std::span<const std::vector<double>> x, std::span<const double> y,
                        std::span<const double> w) {
  Normal n;
  for (std::size_t r = 0; r < y.size(); ++r) {
    n.yy += w[r] * y[r] * y[r];
    for (std::size_t i = 0; i < x.size(); ++i) {
      for (std::size_t j = 0; j < x.size(); ++j) n.m[i][j] += w[r] * x[i][r] * x[j][r];
      n.m[i][kMostColumns] += w[r] * x[i][r] * y[r];
    }
  }
  return n;
}

// Gaussian elimination with pivoting on the chosen columns; false when they depend on each other.
bool solve(const Normal& n, const std::vector<std::size_t>& chosen, std::vector<double>& out) {
  constexpr double kSingular = 1e-12;
  const std::size_t k = chosen.size();
  std::vector<std::vector<double>> a(k, std::vector<double>(k + 1));
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = 0; j < k; ++j) a[i][j] = n.m[chosen[i]][chosen[j]];
    a[i][k] = n.m[chosen[i]][kMostColumns];
  }
  std::vector<double> scale(k);  // columns differ by orders of magnitude
  for (std::size_t i = 0; i < k; ++i) {
    scale[i] = std::sqrt(a[i][i]);
    if (!(scale[i] > 0)) return false;
  }
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = 0; j < k; ++j) a[i][j] /= scale[i] * scale[j];
    a[i][k] /= scale[i];
  }
  for (std::size_t c = 0; c < k; ++c) {
    std::size_t pivot = c;
    for (std::size_t r = c + 1; r < k; ++r)
      if (std::abs(a[r][c]) > std::abs(a[pivot][c])) pivot = r;
    if (std::abs(a[pivot][c]) < kSingular) return false;
    std::swap(a[c], a[pivot]);
    for (std::size_t r = 0; r < k; ++r) {
      if (r == c) continue;
      const double f = a[r][c] / a[c][c];
      for (std::size_t j = c; j <= k; ++j) a[r][j] -= f * a[c][j];
    }
  }
  for (std::size_t i = 0; i < k; ++i) out[chosen[i]] = a[i][k] / a[i][i] / scale[i];
  return true;
}

double residual_of(const Normal& n, std::size_t columns, const std::vector<double>& b) {
  double r = n.yy;
  for (std::size_t i = 0; i < columns; ++i) {
    r -= 2 * b[i] * n.m[i][kMostColumns];
    for (std::size_t j = 0; j < columns; ++j) r += b[i] * b[j] * n.m[i][j];
  }
  return std::max(0.0, r);
}

}  // namespace

std::optional<LinearFit> fit_nonnegative(std::span<const std::vector<double>> columns,
                                         std::span<const double> y,
                                         std::span<const double> weights) {
  if (columns.empty() || columns.size() > kMostColumns) return std::nullopt;
  const Normal n = normal_equations(columns, y, weights);
  std::optional<LinearFit> best;
  for (std::uint32_t subset = 1; subset < (1U << columns.size()); ++subset) {
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; i < columns.size(); ++i)
      if ((subset >> i & 1U) != 0) chosen.push_back(i);
    LinearFit fit{std::vector<double>(columns.size(), 0.0), 0, static_cast<int>(chosen.size())};
    if (!solve(n, chosen, fit.coefficients)) continue;
    if (std::any_of(fit.coefficients.begin(), fit.coefficients.end(),
                    [](double c) { return c < 0 || !std::isfinite(c); }))
      continue;
    fit.residual = residual_of(n, columns.size(), fit.coefficients);
    if (!best || fit.residual < best->residual * (1 - 1e-12)) best = std::move(fit);
  }
  return best;
}

}  // namespace mlawave::model
