// A kernel's output against the fp64 reference.
#pragma once

#include <string>

#include "harness/record/record.h"
#include "harness/workload/output.h"
#include "kernels/api/problem.h"

namespace mlawave::verify {

// Largest ‖out - reference‖ / ‖reference‖ (Frobenius) that passes. A 16-bit output alone is off by
// up to 2^-11 (f16) and 2^-8 (bf16) per element; probabilities are rounded once more on the way.
inline constexpr double kToleranceF16 = 1e-3;
inline constexpr double kToleranceBf16 = 8e-3;
inline constexpr double kToleranceLse = 1e-4;  // absolute, of the log-sum-exp

double tolerance(api::Dtype);

struct Verdict {
  bool ok = false;
  record::Error error;
  std::string reason;  // why not ok, with the figures
};

// Throws std::logic_error when the shapes differ. NaN, a wrong infinity and an element that was
// not written never pass; an equal infinity (lse of a row that sees no token) is no error.
Verdict compare(const workload::Output& output, const workload::Output& reference, api::Dtype);

}  // namespace mlawave::verify
