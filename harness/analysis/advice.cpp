#include "harness/analysis/advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "kernels/schedule/schedule.h"

namespace mlawave::analysis {
namespace {

constexpr double kCoarse = 1024;  // rows this far apart miss the periods of many cards

std::string whole(double x) { return grouped(static_cast<std::int64_t>(std::llround(x))); }

std::string ordinal(std::int64_t n) {
  constexpr std::array<std::string_view, 6> kWords{"",      "first",  "second",
                                                   "third", "fourth", "fifth"};
  if (n < std::ssize(kWords)) return std::string(kWords[static_cast<std::size_t>(n)]);
  const bool teen = n / 10 % 10 == 1;
  constexpr std::array<std::string_view, 4> kEnds{"th", "st", "nd", "rd"};
  return fmt::format("{}{}", n, kEnds[teen || n % 10 > 3 ? 0 : static_cast<std::size_t>(n % 10)]);
}

std::string join(const std::vector<std::string>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i)
    out += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  return out;
}

std::string count(int n, std::string_view what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

// "84 SMs × 1 CTA / 3 tiles, 84 SMs × 2 CTAs / 6 tiles, …", the simplest first.
std::string combinations_text(const Explanation& e) {
  constexpr std::size_t kMost = 6;
  std::vector<Hypothesis> all = e.hypotheses;
  std::stable_sort(all.begin(), all.end(), [](const Hypothesis& a, const Hypothesis& b) {
    return a.ctas_per_sm * a.n_tiles < b.ctas_per_sm * b.n_tiles;
  });
  std::vector<std::string> words;
  for (const Hypothesis& h : all) {
    std::string sms = fmt::format("{} SMs", h.sms);
    if (h.real_sms != h.sms) sms += fmt::format(" ({} rounded down)", h.real_sms);
    words.push_back(
        fmt::format("{} × {} / {}", sms, count(h.ctas_per_sm, "CTA"), count(h.n_tiles, "tile")));
  }
  if (all.size() > kMost) words.resize(kMost);
  return join(words) +
         (all.size() > kMost ? fmt::format(" (and {} more)", all.size() - kMost) : "");
}

std::string in_each(const Explanation& e) {
  return e.batch == 1 ? "" : fmt::format(" in each of {} requests", e.batch);
}

// What happens at a boundary when the machine is known to the last slot.
std::string at_the_boundary(const Explanation& e, const Dip& d) {
  const Hypothesis& h = e.hypotheses.front();
  const std::int64_t units = (d.boundary / h.chunk + 1) * h.n_tiles * e.batch;
  const std::int64_t busy = std::max<std::int64_t>(1, units - d.m * h.slots());
  const std::string who = h.ctas_per_sm == 1
                              ? fmt::format("the busiest of {} SMs", h.sms)
                              : fmt::format("the busiest of {} slots ({} SMs × {} CTAs)", h.slots(),
                                            h.sms, h.ctas_per_sm);
  return fmt::format("At {} tokens{} {} gets a {} {}-token chunk while {} idle",
                     grouped(d.boundary), in_each(e), who, ordinal(d.m + 1), h.chunk,
                     grouped(std::max<std::int64_t>(0, h.slots() - busy)));
}

bool machine_known(const Explanation& e) {
  return e.sms && e.ctas_per_sm && e.n_tiles && !e.hypotheses.empty();
}

std::string range_of_jumps(const Explanation& e) {
  const auto [lo, hi] = std::minmax_element(
      e.dips.begin(), e.dips.end(),
      [](const Dip& a, const Dip& b) { return a.jump_percent < b.jump_percent; });
  if (e.dips.size() == 1) return fmt::format("{:.1f} %", lo->jump_percent);
  return fmt::format("{:.1f} to {:.1f} %", lo->jump_percent, hi->jump_percent);
}

std::string waves_text(const Explanation& e) {
  const Dip& first = e.dips.front();
  const double chunks = *e.period_tokens / *e.chunk;
  std::string out;
  if (machine_known(e))
    out = at_the_boundary(e, first) + fmt::format(
                                          ": one call takes {:.1f} % longer. The same "
                                          "happens every {} tokens",
                                          first.jump_percent, whole(*e.period_tokens));
  else
    out = fmt::format(
        "Every {} tokens{} ({:.4g} chunks of {}) all slots of the card are full, and one "
        "chunk more starts another round for a few of them while the rest idle",
        whole(*e.period_tokens), in_each(e), chunks, *e.chunk);
  out += fmt::format(": {} of {} boundaries in range show, by {}.", e.seen, e.boundaries,
                     range_of_jumps(e));
  if (e.boundaries == 1) out += fmt::format(" It is no accident: {}.", e.reason);
  out += fmt::format(" Laid out at random, boundaries do as well with p = {:.2g}.", *e.p_value);
  if (!machine_known(e)) {
    out += e.sms_source == "can't be told"
               ? " The SM count can't be told from the curve alone; these fit equally well: "
               : fmt::format(" With {} SMs ({}) these fit equally well: ",
                             e.sms ? std::to_string(*e.sms) : "the", e.sms_source);
    out += combinations_text(e) + ".";
  }
  return out;
}

std::string ambiguous_text(const Explanation& e) {
  std::string out = fmt::format("Something is there, but it is no proof: {}.", e.reason);
  constexpr std::size_t kMost = 3;
  for (std::size_t i = 0; i < std::min(kMost, e.dips.size()); ++i) {
    const Dip& d = e.dips[i];
    out += fmt::format(
        " Row {} is {:.1f} % slower than the rows before it say; {} is a boundary of "
        "period {}.",
        grouped(d.n_kv), d.jump_percent, grouped(d.boundary), whole(*e.period_tokens));
  }
  if (e.dips.size() > kMost) out += fmt::format(" So are {} more.", e.dips.size() - kMost);
  if (!e.dips.empty())
    out += fmt::format(" That is the period of {}{}.", combinations_text(e),
                       e.sms_source == "can't be told" ? "; which card it was can't be told" : "");
  return out;
}

std::string step_advice(const Explanation& e) {
  const double step = std::max(1.0, std::floor(*e.period_tokens / 8 / *e.chunk)) * *e.chunk;
  return fmt::format("Measure with rows at most {} tokens apart.", whole(step));
}

std::vector<std::string> for_waves(const Series& s, const Explanation& e) {
  std::vector<std::string> out;
  std::string best;
  for (const Dip& d : e.dips) best += (best.empty() ? "" : ", ") + grouped(d.boundary);
  out.push_back(
      fmt::format("If the context length is yours to choose, stop at {}: the next chunk "
                  "costs a step.",
                  best));
  if (*e.chunk >= 2 * schedule::kMinChunk)
    out.push_back(
        fmt::format("In the kernel, a chunk of {} instead of {} halves the period to {} tokens and "
                    "about halves "
                    "each step, at the price of more partial results to combine.",
                    *e.chunk / 2, *e.chunk, whole(*e.period_tokens / 2)));
  out.push_back(
      "A schedule that deals tokens instead of whole chunks makes the steps shallow (--schedule "
      "balanced: at most 2 % were left of them on an H100).");
  if (s.rule == RowRule::appending && !machine_known(e))
    out.push_back(
        "Another SM count would prove it: on a card with other SMs the steps must move in "
        "proportion.");
  return out;
}

std::vector<std::string> for_ambiguous(const Explanation& e) {
  std::vector<std::string> out;
  if (e.boundaries < 3)
    out.push_back(fmt::format("Sweep on to at least {} tokens, past three boundaries.",
                              whole(3.2 * *e.period_tokens)));
  if (8 * e.row_step > *e.period_tokens) out.push_back(step_advice(e));
  out.push_back(
      "Measure again in another order or after a pause: what follows the clock moves, "
      "waves don't.");
  if (e.sms_source == "can't be told" || e.sms_source.starts_with("inferred"))
    out.push_back(
        "Say which card it was (--gpu NAME or --sms N): fewer possibilities, a sharper "
        "test.");
  return out;
}

}  // namespace

std::string grouped(std::int64_t n) {
  std::string digits = std::to_string(n < 0 ? -n : n);
  for (auto at = static_cast<std::int64_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return fmt::format("{}{}", n < 0 ? "-" : "", digits);
}

std::string in_plain_words(const Explanation& e) {
  switch (e.verdict) {
    case Verdict::waves:
      return waves_text(e);
    case Verdict::ambiguous:
      return ambiguous_text(e);
    case Verdict::unresolvable:
      return fmt::format("This table can't answer the question: {}.", e.reason);
    case Verdict::none:
      break;
  }
  std::string out = fmt::format("No waves: {}.", e.reason);
  if (e.noise_percent > 0)
    out += fmt::format(" Rows scatter by {:.2g} %; steps much above that would have been seen.",
                       e.noise_percent);
  if (!e.period_tokens && e.row_step >= kCoarse)
    out += fmt::format(" Rows {} tokens apart can't show periods below {}.", whole(e.row_step),
                       whole(2 * e.row_step));
  return out;
}

std::vector<std::string> advice_for(const Series& s, const Explanation& e) {
  if (e.verdict == Verdict::waves) return for_waves(s, e);
  if (e.verdict == Verdict::ambiguous) return for_ambiguous(e);
  std::vector<std::string> out;
  if (e.verdict == Verdict::unresolvable && e.period_tokens) out.push_back(step_advice(e));
  if (e.verdict == Verdict::unresolvable && !e.period_tokens)
    out.push_back(
        "Measure more rows, closer together: 512 tokens or fewer apart (llama-sweep-bench "
        "-ub 512), to at least three times the expected period.");
  return out;
}

}  // namespace mlawave::analysis
