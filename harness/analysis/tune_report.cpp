#include "harness/analysis/tune_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/analysis/advice.h"

namespace mlawave::analysis {
namespace {

bool predicted(const Tuning& t) { return t.backend == api::Backend::model; }

std::string headline(const Tuning& t) {
  const Judgement& j = t.judgement;
  return fmt::format(
      "{} {} ({}), {} {}, {} heads, s_q {}, batch {}, {}, {}, {}; n_kv {} .. {}, {} rows\n",
      predicted(t) ? "PREDICTED for" : "Measured on", t.device, api::to_string(t.backend), t.sms,
      t.backend == api::Backend::cpu ? "threads" : "SMs", t.heads, t.s_q, t.batch, t.dtype,
      t.layout, t.cache, grouped(j.first_n_kv), grouped(j.last_n_kv), j.rows);
}

std::string total_text(const Judged& c, bool least) {
  if (least) return "least";
  return fmt::format("{}+{:.1f} %", c.as_good_as_least ? "~" : "", c.slower_percent);
}

std::string combine_text(const Judged& c) {
  if (!c.combine_us) return "-";
  return fmt::format("{}{:.2f} ({:.0f} %)", c.combine_modelled ? "~" : "", *c.combine_us,
                     100 * *c.combine_us / c.mean_us);
}

std::string step_text(const Judged& c) {
  const Jumps& j = c.jumps;
  if (!c.depth_percent) return "rows too coarse";
  if (!j.largest) return "no boundary in range";
  const Jump& at = *j.largest;
  const std::string size = at.half_percent > 0
                               ? fmt::format("{:.1f} % ± {:.1f}", at.jump_percent, at.half_percent)
                               : fmt::format("{:.1f} %", at.jump_percent);
  const std::string load =
      at.from_load > 0 ? fmt::format("({} → {})", at.from_load, at.from_load + 1) : "(any row)";
  return fmt::format("{} at {} {}{}", size, grouped(at.boundary), load,
                     j.stands_out() ? "" : ", within noise");
}

std::string marks(const Tuning& t, std::size_t i) {
  std::string out;
  const auto add = [&](const char* what) { out += (out.empty() ? "" : ", ") + std::string(what); };
  for (const KernelBest& k : t.judgement.kernels) {
    if (k.best.least == i) add("least total");
    if (k.best.shallowest == i) add("shallowest");
    if (k.best.shallowest_affordable == i && k.best.shallowest != i) add("shallowest within 5 %");
  }
  return out;
}

std::size_t columns(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string padded(std::string text, std::size_t width, bool right) {
  const std::string space(width - std::min(width, columns(text)), ' ');
  return right ? space + text : text + space;
}

using Line = std::vector<std::string>;

Line line_of(const Tuning& t, std::size_t i) {
  const Judged& c = t.judgement.choices[i];
  const std::string mean = c.mean_half_us > 0
                               ? fmt::format("{:.2f} ± {:.2f}", c.mean_us, c.mean_half_us)
                               : fmt::format("{:.2f}", c.mean_us);
  return {c.kernel,
          schedule_text(c.policy),
          std::to_string(c.policy.chunk),
          mean,
          total_text(c, i == t.judgement.overall.least),
          combine_text(c),
          std::to_string(c.jumps.boundaries),
          step_text(c),
          marks(t, i)};
}

std::string table(const Tuning& t) {
  std::vector<Line> lines{{"kernel", "schedule", "chunk", "mean µs", "total", "combine µs",
                           "boundaries", "largest step at one", "of this kernel"}};
  for (std::size_t i = 0; i < t.judgement.choices.size(); ++i) lines.push_back(line_of(t, i));
  constexpr bool kRight[] = {false, false, true, true, true, true, true, false, false};
  std::string out;
  for (const Line& line : lines) {
    std::string text = " ";
    for (std::size_t k = 0; k < line.size(); ++k) {
      std::size_t width = 0;
      for (const Line& other : lines) width = std::max(width, columns(other[k]));
      text += " " + padded(line[k], width, kRight[k]) + " ";
    }
    out += text.substr(0, text.find_last_not_of(' ') + 1) + "\n";
  }
  return out;
}

std::string name_of(const Judged& c) {
  return fmt::format("{}, {}, chunk {}", c.kernel, schedule_text(c.policy), c.policy.chunk);
}

std::string depth_text(const Judged& c) {
  if (!c.depth_percent) return "steps unknown";
  if (!c.jumps.largest) return "no boundary in the range";
  return fmt::format("steps of at most {:.1f} %", *c.depth_percent);
}

std::string price_text(const Judged& c, const Judged& least) {
  std::string out = fmt::format("costs {:.1f} % more in all", c.slower_percent);
  if (c.combine_us && least.combine_us)
    out += fmt::format("; combine {:.2f} µs a call, not {:.2f}", *c.combine_us, *least.combine_us);
  return out;
}

std::string sentences(const Judgement& j) {
  const Judged& least = j.choices[j.overall.least];
  std::string out = fmt::format("\n  Least total time:  {}: {:.2f} µs a call, {}\n", name_of(least),
                                least.mean_us, depth_text(least));
  std::size_t ties = 0;
  for (const Judged& c : j.choices) ties += c.as_good_as_least ? 1 : 0;
  if (ties > 1)
    out += fmt::format("                     {} more can't be told apart from it (~)\n", ties - 1);
  const auto line = [&](const char* label, const std::optional<std::size_t>& i) {
    if (!i) return;
    const Judged& c = j.choices[*i];
    out += fmt::format("  {} {}: {}; {}\n", label, name_of(c), depth_text(c),
                       *i == j.overall.least ? "the same choice" : price_text(c, least));
  };
  line("Shallowest dips:  ", j.overall.shallowest);
  if (!j.overall.shallowest)
    out += "  Shallowest dips:   can't be told: no step stands out of noise and row distance\n";
  if (j.overall.shallowest_affordable != j.overall.shallowest)
    line("  within 5 %:     ", j.overall.shallowest_affordable);
  return out;
}

std::string notes(const Tuning& t) {
  const Judgement& j = t.judgement;
  std::string out;
  if (predicted(t))
    out += fmt::format(
        "  Times are a model's: ± {:.0f} % alike for all lines; differences below 3 % (~) say "
        "nothing.\n  Boundaries are exact. Schedules that the fitted runs lack follow from their "
        "plans alone.\n",
        t.interval_percent);
  const auto has = [&](auto test) { return std::any_of(j.choices.begin(), j.choices.end(), test); };
  if (has([](const Judged& c) { return c.combine_modelled && c.combine_us; }))
    out += "  Combine ~: of a time model fitted to this run; --phases measures it.\n";
  if (has([](const Judged& c) { return c.jumps.too_coarse > 0; }))
    out += "  Rows too coarse for some boundaries: --around-boundaries measures next to each.\n";
  for (const std::string& d : j.dropped) out += "  Left out: " + d + "\n";
  if (j.rows_left_out > 0)
    out += fmt::format("  Left out: {} n_kv that not all choices have\n", j.rows_left_out);
  return out.empty() ? "" : "\n" + out;
}

}  // namespace

std::string as_text(const Tuning& t) {
  if (t.judgement.choices.empty())
    return fmt::format(
        "{}\n  Fewer than two n_kv are common to all choices: nothing to compare.\n{}", headline(t),
        notes(t));
  return headline(t) + "\n" + table(t) + sentences(t.judgement) + notes(t);
}

}  // namespace mlawave::analysis
