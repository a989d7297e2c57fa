#include "harness/analysis/contrast.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "harness/stats/quantiles.h"

namespace mlawave::analysis {
namespace {

struct Centre {
  double n = 0, y = 0;
};

Centre centre_of(std::span<const Row> rows) {
  Centre c;
  for (const Row& r : rows) c.n += r.n_kv, c.y += r.time_us;
  return {c.n / static_cast<double>(rows.size()), c.y / static_cast<double>(rows.size())};
}

}  // namespace

Contrast contrast_of(std::span<const Row> before, std::span<const Row> after) {
  const Centre b = centre_of(before), a = centre_of(after);
  double nn = 0, ny = 0;
  const auto add = [&](std::span<const Row> rows, const Centre& c) {
    for (const Row& r : rows)
      nn += (r.n_kv - c.n) * (r.n_kv - c.n), ny += (r.n_kv - c.n) * (r.time_us - c.y);
  };
  add(before, b);
  add(after, a);
  const double slope = ny / nn, apart = a.n - b.n;

  Contrast out;
  out.jump_us = a.y - b.y - slope * apart;
  out.level_us = b.y + slope * (before.back().n_kv - b.n);
  out.error_factor = std::sqrt(1.0 / static_cast<double>(before.size()) +
                               1.0 / static_cast<double>(after.size()) + apart * apart / nn);
  out.freedom = static_cast<int>(before.size() + after.size()) - 3;
  const double time = (a.y + b.y) / 2;
  std::vector<double> errors;
  const auto compare = [&](std::span<const Row> rows, const Centre& c) {
    for (const Row& r : rows) {
      const double left = (r.time_us - c.y - slope * (r.n_kv - c.n)) / time;
      out.squares += left * left;
      errors.push_back(r.error_us / time);
    }
  };
  compare(before, b);
  compare(after, a);
  out.own_noise = out.freedom > 0 ? std::sqrt(out.squares / out.freedom) : 0;
  out.row_error = stats::median(errors);
  return out;
}

double error_factor(int rows, std::int64_t step, std::int64_t gap) {
  const double k = rows, d = static_cast<double>(step);
  const double apart = static_cast<double>(gap) + (k - 1) * d;
  return std::sqrt(2 / k + apart * apart / (d * d * k * (k * k - 1) / 6));
}

double student_t(int freedom) {
  const double z = 1.959964, v = freedom;
  const double z3 = z * z * z, z5 = z3 * z * z, z7 = z5 * z * z;
  return z + (z3 + z) / (4 * v) + (5 * z5 + 16 * z3 + 3 * z) / (96 * v * v) +
         (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * v * v * v);
}

}  // namespace mlawave::analysis
