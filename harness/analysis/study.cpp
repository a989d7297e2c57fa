#include "harness/analysis/study.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <map>

#include "harness/analysis/explain.h"
#include "harness/analysis/simulate.h"

namespace mlawave::analysis {
namespace {

enum class Said { machine, sms, nothing };
constexpr std::array<Said, 3> kSaid{Said::machine, Said::sms, Said::nothing};

std::string_view to_string(Said s) {
  switch (s) {
    case Said::machine:
      return "SMs, CTAs and tiles";
    case Said::sms:
      return "SMs";
    case Said::nothing:
      return "nothing";
  }
  return "?";
}

Question question(const Simulated& s, Said said) {
  Question q;
  if (said != Said::nothing) q.sms = s.truth.sms;
  if (said == Said::machine) {
    q.ctas_per_sm = s.truth.ctas_per_sm;
    q.n_tiles = s.truth.n_tiles;
  }
  return q;
}

// The same steps, whatever the name of the machine: periods that this table can't tell apart.
bool right_period(const Simulated& s, const Explanation& e) {
  if (!e.period_tokens) return false;
  const double rows = static_cast<double>(s.boundaries) + 1;
  return std::abs(*e.period_tokens - s.truth.period()) * rows <= 1.5 * e.row_step;
}

struct Count {
  int all = 0, right = 0, wrong = 0, none = 0, ambiguous = 0, unresolvable = 0;
};

double percent(int part, int all) { return all == 0 ? 0 : 100.0 * part / all; }

void add(Count& c, const Explanation& e, bool right) {
  ++c.all;
  if (e.verdict == Verdict::waves) ++(right ? c.right : c.wrong);
  c.none += e.verdict == Verdict::none ? 1 : 0;
  c.ambiguous += e.verdict == Verdict::ambiguous ? 1 : 0;
  c.unresolvable += e.verdict == Verdict::unresolvable ? 1 : 0;
}

std::string bin_of(const Simulated& s) {
  const double z = s.jump / s.noise;
  const char* strength = z < 2    ? "a: below 2"
                         : z < 5  ? "b: 2 to 5"
                         : z < 10 ? "c: 5 to 10"
                                  : "d: over 10";
  const char* many = s.boundaries < 2 ? "0 or 1" : s.boundaries < 4 ? "2 or 3" : "4 and more";
  return fmt::format("{} | {}", strength, many);
}

// `right`: how many verdicts are.
std::string row(const std::string& label, const Count& c, int right) {
  return fmt::format("| {} | {} | {:.1f} | {:.1f} | {:.1f} | {:.1f} |\n", label, c.all,
                     percent(right, c.all), percent(c.wrong, c.all), percent(c.ambiguous, c.all),
                     percent(c.unresolvable, c.all));
}

}  // namespace

std::string detection_study(std::uint64_t seed, int with, int without) {
  std::string summary =
      "| known | recall, 2+ boundaries, jump over 5 × noise | precision | false positives |\n"
      "|---|---|---|---|\n";
  std::string details;
  for (Said said : kSaid) {
    std::map<std::string, Count> by_bin, by_shape;
    Count clear, all_with, all_without;
    for (int i = 0; i < with; ++i) {
      const Simulated s = draw(seed, static_cast<std::uint64_t>(i), true);
      const Explanation e = explain(s.series, question(s, said));
      const bool right = right_period(s, e);
      add(by_bin[bin_of(s)], e, right);
      add(all_with, e, right);
      if (s.boundaries >= 2 && s.jump >= 5 * s.noise) add(clear, e, right);
    }
    for (int i = 0; i < without; ++i) {
      const Simulated s = draw(seed, static_cast<std::uint64_t>(with + i), false);
      const Explanation e = explain(s.series, question(s, said));
      add(by_shape[std::string(to_string(s.shape))], e, false);
      add(all_without, e, false);
    }
    const int claimed = all_with.right + all_with.wrong + all_without.wrong;
    summary +=
        fmt::format("| {} | {:.1f} % of {} | {:.1f} % of {} | {:.2f} % of {} |\n", to_string(said),
                    percent(clear.right, clear.all), clear.all, percent(all_with.right, claimed),
                    claimed, percent(all_without.wrong, all_without.all), all_without.all);
    details += fmt::format(
        "\n### Known: {}\n\n| jump / noise | boundaries | curves | found % | wrong "
        "period % | ambiguous % | unresolvable % |\n|---|---|---|---|---|---|---|\n",
        to_string(said));
    for (const auto& [bin, c] : by_bin) details += row(bin.substr(3), c, c.right);
    details +=
        "\n| no waves, but | curves | none % | claimed % | ambiguous % | unresolvable % "
        "|\n|---|---|---|---|---|---|\n";
    for (const auto& [shape, c] : by_shape) details += row(shape, c, c.none);
  }
  return summary + details;
}

}  // namespace mlawave::analysis
