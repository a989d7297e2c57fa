#include "harness/analysis/chance.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "harness/analysis/split_mix.h"

namespace mlawave::analysis {
namespace {

constexpr double kLeastScore = -3;

// Gaps that any placement uses, and each placement in their numbering. Only these need a shuffle.
struct Compact {
  std::size_t used = 0;
  std::vector<std::vector<std::uint32_t>> gaps;
};

Compact compact(std::span<const Placement> placements, std::size_t n) {
  std::vector<std::uint32_t> number(n, 0);
  std::vector<bool> seen(n, false);
  Compact out;
  for (const Placement& p : placements) {
    auto& mine = out.gaps.emplace_back();
    for (std::size_t g : p.gaps) {
      if (!seen[g]) number[g] = static_cast<std::uint32_t>(out.used++);
      seen[g] = true;
      mine.push_back(number[g]);
    }
  }
  return out;
}

}  // namespace

double cut_score(double score, double most_score) {
  return std::clamp(score, kLeastScore, most_score);
}

double statistic(std::span<const double> scores, std::span<const std::size_t> gaps,
                 double most_score) {
  if (gaps.empty()) return 0;
  double sum = 0;
  for (std::size_t g : gaps) sum += cut_score(scores[g], most_score);
  return sum / std::sqrt(static_cast<double>(gaps.size()));
}

std::vector<Chance> test_placements(std::span<const std::vector<double>> scores,
                                    std::span<const Placement> placements, int shuffles,
                                    std::uint64_t seed) {
  std::vector<Chance> out(placements.size());
  if (placements.empty() || scores.empty()) return out;
  for (std::size_t p = 0; p < placements.size(); ++p) {
    out[p].statistic = statistic(scores[0], placements[p].gaps);
    for (std::size_t w = 1; w < scores.size(); ++w)
      if (const double s = statistic(scores[w], placements[p].gaps); s > out[p].statistic)
        out[p] = {s, static_cast<int>(w), 1};
  }
  const std::size_t n = scores[0].size();
  const Compact c = compact(placements, n);
  std::vector<std::vector<float>> values(scores.size());
  for (std::size_t w = 0; w < scores.size(); ++w)
    for (double s : scores[w]) values[w].push_back(static_cast<float>(cut_score(s)));
  std::vector<float> scale;
  for (const auto& g : c.gaps)
    scale.push_back(1.0F / std::sqrt(static_cast<float>(std::max<std::size_t>(1, g.size()))));

  std::vector<std::uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0U);
  std::vector<double> best;
  SplitMix64 random(seed);
  for (int s = 0; s < shuffles; ++s) {
    for (std::size_t i = 0; i < c.used; ++i)
      std::swap(order[i], order[i + random.next() % (n - i)]);
    float most = -1e30F;
    for (const auto& v : values)
      for (std::size_t p = 0; p < c.gaps.size(); ++p) {
        float sum = 0;
        for (std::uint32_t g : c.gaps[p]) sum += v[order[g]];
        most = std::max(most, sum * scale[p]);
      }
    best.push_back(most);
  }
  std::sort(best.begin(), best.end());
  for (Chance& chance : out) {
    constexpr double kRounding = 1e-4;
    const auto reach =
        best.end() - std::lower_bound(best.begin(), best.end(), chance.statistic - kRounding);
    chance.p_value = (1.0 + static_cast<double>(reach)) / (1.0 + shuffles);
  }
  return out;
}

}  // namespace mlawave::analysis
