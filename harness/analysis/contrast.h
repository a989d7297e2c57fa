// The step between two groups of rows on either side of a place, and how sure it is.
#pragma once

#include <cstdint>
#include <span>

namespace mlawave::analysis {

struct Row {
  double n_kv = 0;
  double time_us = 0;
  double error_us = 0;  // standard error of the row's own time; 0: not known
};

// One slope, two levels: time = level + slope · n_kv + jump behind the place.
struct Contrast {
  double level_us = 0;  // just before the step
  double jump_us = 0;
  double error_factor = 0;  // standard error of the jump / noise of a row
  double own_noise = 0;     // of the rows around the fit, fraction of the time
  double row_error = 0;     // median of error_us, fraction of the time
  double squares = 0;       // of the residuals, as fractions of the time
  int freedom = 0;          // degrees of freedom of the residuals
};

// At least two rows on each side, at different n_kv, `before` ascending.
Contrast contrast_of(std::span<const Row> before, std::span<const Row> after);

// error_factor of `rows` rows on each side, `step` tokens apart, with `gap` tokens between the two
// in the middle.
double error_factor(int rows, std::int64_t step, std::int64_t gap);

// 97.5 % quantile of Student's t (Abramowitz and Stegun 26.7.5); within 1 % from 3 degrees on.
double student_t(int freedom);

}  // namespace mlawave::analysis
