#include "kernels/choose.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

namespace mlawave {
namespace {

struct Rule {
  api::Backend backend;
  int max_rows;  // query rows of a request, heads × s_q
  std::string_view limit;
  std::array<std::string_view, 4> order;  // the fastest first; "": no more
};

// cuda: results/h100-80gb-hbm3, limit_*. 16 rows: tile_reuse_sm90_t takes 8 to 16 % less time than
// tile_reuse and 2 to 5 % less than tile_reuse_sm90; 32 rows: 6 % less than tile_reuse. 64 rows:
// tile_reuse_sm90 1 to 22 % less than tile_reuse_sm90_t, 128 rows: 29 to 42 %.
// results/h200, limit_* and auto_33_63: tile_reuse_sm90_q takes 7 to 14 % less than tile_reuse_sm90
// with 128 heads, and with 33 to 64 rows from 12 % less to 2 % more; with these and 1024 tokens of
// one request tile_reuse is the fastest.
//
// cpu: its README; there is no third kernel.
constexpr int kAny = std::numeric_limits<int>::max();
constexpr Rule kRules[] = {
    {api::Backend::cuda,
     32,
     ", at most 32",
     {"tile_reuse_sm90_t", "tile_reuse_sm90", "tile_reuse"}},
    {api::Backend::cuda,
     kAny,
     ", more than 32",
     {"tile_reuse_sm90_q", "tile_reuse_sm90", "tile_reuse_sm90_t", "tile_reuse"}},
    {api::Backend::cpu, kAny, "", {"tile_reuse"}},
};

const api::Kernel* find(api::Kernels kernels, std::string_view name, api::Backend backend) {
  const auto at = std::find_if(kernels.begin(), kernels.end(), [&](const api::Kernel* k) {
    return k->name() == name && k->backend() == backend;
  });
  return at == kernels.end() ? nullptr : *at;
}

}  // namespace

Choice choose(api::Kernels kernels, const api::PlanRequest& request, api::Backend backend) {
  const int rows = request.problem.rows();
  Choice choice{nullptr, fmt::format("{} query rows", rows)};
  const auto rule = std::find_if(std::begin(kRules), std::end(kRules), [&](const Rule& r) {
    return r.backend == backend && rows <= r.max_rows;
  });
  if (rule == std::end(kRules)) return choice;
  choice.reason += rule->limit;
  for (std::string_view name : rule->order) {
    if (name.empty()) break;
    const api::Kernel* kernel = find(kernels, name, backend);
    const api::Support support =
        kernel ? kernel->supports(request) : api::Support{false, "not in this build"};
    if (support.ok) {
      choice.kernel = kernel;
      return choice;
    }
    choice.reason += fmt::format("; not {}: {}", name, support.reason);
  }
  return choice;
}

}  // namespace mlawave
