#include "harness/model/f_test.h"

#include <algorithm>
#include <cmath>

namespace mlawave::model {
namespace {

double continued_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300, kDone = 1e-12;
  constexpr int kMost = 300;
  double c = 1, d = 1 - (a + b) * x / (a + 1);
  d = 1 / (std::abs(d) < kTiny ? kTiny : d);
  double h = d;
  auto step = [&](double term) {
    d = 1 + term * d;
    d = 1 / (std::abs(d) < kTiny ? kTiny : d);
    c = 1 + term / c;
    if (std::abs(c) < kTiny) c = kTiny;
    h *= c * d;
  };
  for (int m = 1; m <= kMost; ++m) {
    const double before = h;
    step(m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)));
    step(-(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)));
    if (std::abs(h / before - 1) < kDone) break;
  }
  return h;
}

double incomplete_beta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front = std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) +
                                a * std::log(x) + b * std::log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return front * continued_fraction(a, b, x) / a;
  return 1 - front * continued_fraction(b, a, 1 - x) / b;
}

}  // namespace

double f_tail(double f, double d1, double d2) {
  if (!(f > 0)) return 1;
  return incomplete_beta(d2 / 2, d1 / 2, d2 / (d2 + d1 * f));
}

double f_test(double null_residual, int null_parameters, double residual, int parameters,
              int rows) {
  const double d1 = std::max(1, parameters - null_parameters);
  const double d2 = rows - parameters;
  if (d2 < 1 || null_residual <= residual) return 1;
  if (residual <= 0) return 0;
  return f_tail((null_residual - residual) / d1 / (residual / d2), d1, d2);
}

}  // namespace mlawave::model
