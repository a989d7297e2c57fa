#include "harness/verify/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace mlawave::verify {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Infinite when either is NaN or infinities differ, so no maximum or sum can hide it.
double distance(double a, double b) {
  if (a == b) return 0;
  const double d = std::abs(a - b);
  return std::isnan(d) ? kInfinity : d;
}

record::Error error_of(const workload::Output& output, const workload::Output& reference,
                       api::Dtype dtype) {
  record::Error e;
  e.tolerance = tolerance(dtype);
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < output.out.size(); ++i) {
    const double d = distance(output.out[i], reference.out[i]);
    e.max_abs = std::max(e.max_abs, d);
    difference += d * d;
    size += reference.out[i] * reference.out[i];
  }
  // A reference of zeros (no tokens anywhere) is met exactly or not at all.
  e.relative_frobenius = difference == 0 ? 0 : size == 0 ? kInfinity : std::sqrt(difference / size);
  for (std::size_t i = 0; i < output.lse.size(); ++i)
    e.lse_max_abs = std::max(e.lse_max_abs, distance(output.lse[i], reference.lse[i]));
  return e;
}

// First bad element, for the message.
std::string first_nan(const std::vector<double>& values, const char* name) {
  const auto at =
      std::find_if(values.begin(), values.end(), [](double v) { return std::isnan(v); });
  return at == values.end() ? "" : fmt::format("{}[{}] is NaN", name, at - values.begin());
}

std::string reason_of(const workload::Output& output, const record::Error& e) {
  if (output.unwritten != 0)
    return fmt::format("{} of {} output elements were never written", output.unwritten,
                       output.out.size() + output.lse.size());
  if (const auto text = first_nan(output.out, "out"); !text.empty()) return text;
  if (const auto text = first_nan(output.lse, "lse"); !text.empty()) return text;
  if (!(e.relative_frobenius <= e.tolerance))
    return fmt::format("relative error {:.3g}, expected at most {:g}", e.relative_frobenius,
                       e.tolerance);
  if (!(e.lse_max_abs <= kToleranceLse))
    return fmt::format("log-sum-exp is off by {:.3g}, expected at most {:g}", e.lse_max_abs,
                       kToleranceLse);
  return "";
}

}  // namespace

double tolerance(api::Dtype dtype) {
  return dtype == api::Dtype::f16 ? kToleranceF16 : kToleranceBf16;
}

Verdict compare(const workload::Output& output, const workload::Output& reference,
                api::Dtype dtype) {
  if (output.out.size() != reference.out.size() || output.lse.size() != reference.lse.size())
    throw std::logic_error("verify: output and reference differ in shape");
  Verdict v;
  v.error = error_of(output, reference, dtype);
  v.reason = reason_of(output, v.error);
  v.ok = v.reason.empty();
  return v;
}

}  // namespace mlawave::verify
