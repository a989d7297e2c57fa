#include "harness/analysis/projection.h"

#include <fmt/format.h>

#include "harness/analysis/advice.h"
#include "harness/analysis/explanation.h"
#include "harness/analysis/report.h"

namespace mlawave::analysis {
namespace {

// First row, last row, and those nearest to each doubling between them.
std::vector<ProjectedRow> a_few(const std::vector<ProjectedRow>& rows) {
  constexpr std::int64_t kFirst = 1024;
  std::vector<ProjectedRow> out;
  std::int64_t next = 0;
  for (const ProjectedRow& r : rows) {
    if (r.n_kv < next && &r != &rows.back()) continue;
    out.push_back(r);
    for (next = std::max(next, kFirst); next <= r.n_kv;) next *= 2;
  }
  return out;
}

std::string row_table(const Projection& p) {
  std::string out = fmt::format("\n  {:>9}  {:>12}  {:>10}  {:>10}  {:>15}\n", "n_kv", "attention",
                                "a token", "tokens/s", "attention share");
  for (const ProjectedRow& r : a_few(p.rows))
    out += fmt::format("  {:>9}  {:>9.2f} ms  {:>7.2f} ms  {:>10.1f}  {:>13.0f} %\n",
                       grouped(r.n_kv), r.token.attention_ms, r.token.token_ms,
                       r.token.tokens_per_s, 100 * r.token.share);
  return out;
}

std::string dip_table(const Projection& p) {
  if (p.dips.empty()) return "";
  std::string out = fmt::format("\n  {:>9}  {:>11}  {:>12}  {:>8}  {:>8}\n", "slow from",
                                "kernel time", "x attention", "a token", "tokens/s");
  for (const ProjectedDip& d : p.dips)
    out += fmt::format("  {:>9}  {:>+9.1f} %  {:>10.0f} %  {:>+6.1f} %  {:>+6.1f} %\n",
                       grouped(d.n_kv), d.kernel_percent, 100 * d.share, d.token.token_percent,
                       d.token.tokens_per_s_percent);
  return out;
}

std::string in_words(const Projection& p) {
  const ProjectedRow& first = p.rows.front();
  const ProjectedRow& last = p.rows.back();
  return "\n" +
         wrapped(fmt::format("A token is attention and the rest, and a step lifts attention alone: "
                             "10 % of the kernel is {:.1f} % of a token at {} tokens, where "
                             "attention is {:.0f} % of it, and {:.1f} % at {} ({:.0f} %).",
                             10 * first.token.share, grouped(first.n_kv), 100 * first.token.share,
                             10 * last.token.share, grouped(last.n_kv), 100 * last.token.share),
                 "  ");
}

}  // namespace

std::string why_not_projected(const Series& s, const model::Card& card) {
  if (s.rule == RowRule::appending) return "its times are of a whole model already";
  if (!card.model.mla())
    return fmt::format("{} has {} KV heads; the operation measured here has one (MLA)",
                       card.model.name, card.model.kv_heads);
  if (s.heads != 0 && s.heads != card.model.heads)
    return fmt::format("it has {} heads, {} has {}", s.heads, card.model.name, card.model.heads);
  if (s.batch != 1 || s.s_q != 1)
    return "it is not one request with one new token: a batch reads more of the experts, and how "
           "many nobody said";
  if (s.points.empty()) return "it has no row";
  return "";
}

Projection project(const Series& s, const Explanation& e, const model::Card& card,
                   const model::Rest& rest) {
  Projection p{std::string(card.model.name), card.model.layers, rest, {}, {}};
  for (const Point& point : s.points)
    p.rows.push_back({point.n_kv, model::token_time(point.time_us, p.layers, rest.ms)});
  for (const Dip& d : e.dips) {
    if (d.jump_percent == 0) continue;
    const double fast_us = 100 * d.jump_us / d.jump_percent;
    p.dips.push_back({d.n_kv, d.boundary, d.jump_percent,
                      model::token_time(fast_us, p.layers, rest.ms).share,
                      model::token_step(fast_us, d.jump_us, p.layers, rest.ms)});
  }
  return p;
}

std::string as_text(const Projection& p) {
  const std::string head = fmt::format(
      "Projection, not a measurement: {}, a token = {} layers x attention + {:.2f} ms "
      "for the rest ({}).",
      p.model, p.layers, p.rest.ms, p.rest.source);
  return "\n" + wrapped(head, "  ") + row_table(p) + dip_table(p) + in_words(p);
}

}  // namespace mlawave::analysis
