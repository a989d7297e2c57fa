#include "kernels/reference/reference.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/api/cache_rows.h"
#include "kernels/api/half.h"

namespace mlawave::reference {
namespace {

void widen(const std::uint16_t* from, std::int64_t count, api::Dtype dtype, double* to) {
  std::transform(from, from + count, to, [&](std::uint16_t x) { return api::to_float(x, dtype); });
}

// The cache rows of a request's tokens, one behind the other.
std::vector<double> gather(const api::MlaProblem& p, const api::MlaTensors& tensors, int request) {
  const auto* kv = static_cast<const std::uint16_t*>(tensors.kv);
  const api::CacheRows rows = api::cache_rows(p, tensors, request);
  std::vector<double> all(p.n_kv[request] * api::kDQk);
  for (std::int64_t t = 0; t < p.n_kv[request]; ++t)
    widen(kv + rows[t] * api::kDQk, api::kDQk, p.dtype, &all[t * api::kDQk]);
  return all;
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
  std::vector<double> q(rows * api::kDQk);
  widen(static_cast<const std::uint16_t*>(tensors.q), rows * api::kDQk, p.dtype, q.data());
  Answer answer{std::vector<double>(rows * api::kDV), std::vector<double>(rows)};
  for (int r = 0; r < p.batch(); ++r) {
    const std::vector<double> kv = gather(p, tensors, r);
    for (int row = 0; row < p.rows(); ++row) {
      const std::int64_t at = static_cast<std::int64_t>(r) * p.rows() + row;
      answer.lse[at] = attend(&q[at * api::kDQk], kv.data(), p.visible(r, row / p.heads),
                              api::v_column(p.layout), p.scale, &answer.out[at * api::kDV]);
    }
  }
  return answer;
}

}  // namespace mlawave::reference
