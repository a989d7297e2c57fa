#include "harness/analysis/report_json.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace mlawave::analysis {

Json rounded(double x) {
  if (!std::isfinite(x)) return nullptr;
  const std::string text = fmt::format("{:.6g}", x);
  double out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} ? out : 0;  // too small for a double
}

}  // namespace mlawave::analysis
