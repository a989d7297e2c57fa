#include "kernels/reference/reference.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/api/half.h"

namespace mlawave::reference {
namespace {

std::vector<double> widen(const void* from, std::int64_t count, api::Dtype dtype) {
  const auto* bits = static_cast<const std::uint16_t*>(from);
  std::vector<double> wide(count);
  std::transform(bits, bits + count, wide.begin(),
                 [&](std::uint16_t x) { return api::to_float(x, dtype); });
  return wide;
}

// One query row q over `tokens` cache rows; writes out[512] and returns lse.
double attend(const double* q, const double* kv, std::int64_t tokens, int v_column, double scale,
              double* out) {
  std::fill_n(out, api::kDV, 0.0);
  if (tokens == 0) return -std::numeric_limits<double>::infinity();
  std::vector<double> s(tokens, 0.0);
  for (std::int64_t t = 0; t < tokens; ++t) {
    for (int d = 0; d < api::kDQk; ++d) s[t] += q[d] * kv[t * api::kDQk + d];
    s[t] *= scale;
  }
  const double top = *std::max_element(s.begin(), s.end());
  double sum = 0;
  for (double& x : s) sum += x = std::exp(x - top);
  for (std::int64_t t = 0; t < tokens; ++t)
    for (int d = 0; d < api::kDV; ++d) out[d] += s[t] / sum * kv[t * api::kDQk + v_column + d];
  return top + std::log(sum);
}

}  // namespace

Answer attention(const api::MlaProblem& p, const api::MlaTensors& tensors) {
  const std::int64_t rows = static_cast<std::int64_t>(p.batch()) * p.rows();
  const std::vector<double> q = widen(tensors.q, rows * api::kDQk, p.dtype);
  Answer answer{std::vector<double>(rows * api::kDV), std::vector<double>(rows)};
  for (int r = 0; r < p.batch(); ++r) {
    const auto* cache = static_cast<const std::uint16_t*>(tensors.kv) + p.kv_begin[r] * api::kDQk;
    const std::vector<double> kv = widen(cache, p.n_kv[r] * api::kDQk, p.dtype);
    for (int row = 0; row < p.rows(); ++row) {
      const std::int64_t at = static_cast<std::int64_t>(r) * p.rows() + row;
      answer.lse[at] = attend(&q[at * api::kDQk], kv.data(), p.visible(r, row / p.heads),
                              api::v_column(p.layout), p.scale, &answer.out[at * api::kDV]);
    }
  }
  return answer;
}

}  // namespace mlawave::reference
