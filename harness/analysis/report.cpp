#include "harness/analysis/report.h"

#include <fmt/format.h>

#include "harness/analysis/advice.h"
#include "harness/analysis/report_json.h"

namespace mlawave::analysis {
namespace {

std::string dip_table(const Explanation& e) {
  if (e.dips.empty()) return "";
  std::string out = fmt::format("\n  {:>9}  {:>9}  {:>9}  {:>7}  {:>17}  {:>9}  {:<17}  {}\n",
                                "slow from", "boundary", "jump µs", "jump", "95 % interval",
                                "predicted", "cause", "confidence");
  for (const Dip& d : e.dips)
    out +=
        fmt::format("  {:>9}  {:>9}  {:>9.2f}  {:>5.1f} %  {:>15}   {:>9}  {:<17}  {}\n",
                    grouped(d.n_kv), grouped(d.boundary), d.jump_us, d.jump_percent,
                    fmt::format("{:.1f} .. {:.1f} %", d.interval_percent[0], d.interval_percent[1]),
                    d.predicted_percent ? fmt::format("{:.1f} %", *d.predicted_percent) : "-",
                    to_string(d.cause), to_string(d.confidence));
  return out;
}

std::string model_line(const Explanation& e) {
  if (!e.model || e.dips.empty()) return "";
  return fmt::format(
      "\n  Time model: R² {:.4f}, {:.2g} % off on rows it was not fitted to; against "
      "no steps: p = {:.2g}\n",
      e.model->r2, 100 * e.model->heldout_error, e.model->null_p);
}

std::string event_lines(const Explanation& e) {
  constexpr std::size_t kMost = 12;
  if (e.other_events.empty()) return "";
  std::string out = "\n  Not waves:\n";
  for (std::size_t i = 0; i < e.other_events.size() && i < kMost; ++i) {
    const Event& o = e.other_events[i];
    const std::string where = o.last_n_kv > o.n_kv
                                  ? fmt::format("{} .. {}", grouped(o.n_kv), grouped(o.last_n_kv))
                                  : grouped(o.n_kv);
    const std::string size = o.jump_us == 0 ? "" : fmt::format(" {:+.1f} %", o.jump_percent);
    out +=
        wrapped(fmt::format("{}{}: {}: {}", where, size, to_string(o.cause), o.evidence), "    ");
  }
  if (e.other_events.size() > kMost)
    out += fmt::format("    … and {} more\n", e.other_events.size() - kMost);
  return out;
}

std::string bad_lines(const Explanation& e) {
  if (e.bad_rows.empty()) return "";
  std::string out = "\n  Rows left out:\n";
  for (const BadRow& b : e.bad_rows)
    out += fmt::format("    line {}, n_kv {}: {}\n", b.line, grouped(b.n_kv), b.reason);
  return out;
}

Json to_json(const Dip& d) {
  return {
      {"n_kv", d.n_kv},
      {"boundary", d.boundary},
      {"jump_us", rounded(d.jump_us)},
      {"jump_percent", rounded(d.jump_percent)},
      {"interval_percent", {rounded(d.interval_percent[0]), rounded(d.interval_percent[1])}},
      {"predicted_percent", d.predicted_percent ? rounded(*d.predicted_percent) : Json(nullptr)},
      {"cause", to_string(d.cause)},
      {"confidence", to_string(d.confidence)}};
}

Json to_json(const Event& e) {
  return {{"n_kv", e.n_kv},
          {"last_n_kv", e.last_n_kv},
          {"jump_us", rounded(e.jump_us)},
          {"jump_percent", rounded(e.jump_percent)},
          {"cause", to_string(e.cause)},
          {"evidence", e.evidence}};
}

Json to_json(const std::optional<ModelFit>& m) {
  if (!m) return nullptr;
  Json params = Json::object();
  for (const auto& [name, value] : m->params) params[name] = rounded(value);
  return {{"r2", rounded(m->r2)}, {"heldout_error", rounded(m->heldout_error)}, {"params", params}};
}

Json to_json(const Projection& p) {
  Json rows = Json::array(), dips = Json::array();
  for (const ProjectedRow& r : p.rows)
    rows.push_back({{"n_kv", r.n_kv},
                    {"attention_ms", rounded(r.token.attention_ms)},
                    {"token_ms", rounded(r.token.token_ms)},
                    {"tokens_per_s", rounded(r.token.tokens_per_s)},
                    {"attention_share", rounded(r.token.share)}});
  for (const ProjectedDip& d : p.dips)
    dips.push_back({{"n_kv", d.n_kv},
                    {"boundary", d.boundary},
                    {"kernel_percent", rounded(d.kernel_percent)},
                    {"attention_share", rounded(d.share)},
                    {"token_percent", rounded(d.token.token_percent)},
                    {"tokens_per_s_percent", rounded(d.token.tokens_per_s_percent)}});
  return {{"projection", true},
          {"model", p.model},
          {"layers", p.layers},
          {"rest_ms", rounded(p.rest.ms)},
          {"rest_source", p.rest.source},
          {"rows", rows},
          {"dips", dips}};
}

Json to_json(const Explanation& e) {
  Json dips = Json::array(), events = Json::array(), bad = Json::array();
  for (const Dip& d : e.dips) dips.push_back(to_json(d));
  for (const Event& o : e.other_events) events.push_back(to_json(o));
  for (const BadRow& b : e.bad_rows)
    bad.push_back({{"line", b.line}, {"n_kv", b.n_kv}, {"reason", b.reason}});
  Json out = {{"name", e.name},
              {"points", e.points},
              {"verdict", to_string(e.verdict)},
              {"reason", e.reason},
              {"period_tokens", e.period_tokens ? rounded(*e.period_tokens) : Json(nullptr)},
              {"p_value", e.p_value ? rounded(*e.p_value) : Json(nullptr)},
              {"sms", or_null(e.sms)},
              {"sms_source", e.sms_source},
              {"ctas_per_sm", or_null(e.ctas_per_sm)},
              {"n_tiles", or_null(e.n_tiles)},
              {"chunk", or_null(e.chunk)},
              {"model", to_json(e.model)},
              {"dips", dips},
              {"other_events", events},
              {"bad_rows", bad},
              {"advice", e.advice}};
  if (e.per_token) out["per_token"] = to_json(*e.per_token);
  return out;
}

}  // namespace

std::string wrapped(const std::string& text, const std::string& indent) {
  constexpr std::size_t kWidth = 96;
  std::string out, line = indent;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    if (line.size() + word.size() + 1 > kWidth && line.size() > indent.size()) {
      out += line + "\n";
      line = indent + (text.starts_with("- ") ? "  " : "");
    }
    if (line.size() > indent.size()) line += ' ';
    line += word;
    at = end + 1;
  }
  return out + line + "\n";
}

std::string as_text(const Explanation& e) {
  std::string out = fmt::format("{}: {} ({} rows)\n", e.name, to_string(e.verdict), e.points);
  if (!e.measured) out += "  Predicted by a model, not measured.\n";
  out += wrapped(in_plain_words(e), "  ");
  out += dip_table(e) + model_line(e) + event_lines(e) + bad_lines(e);
  if (!e.advice.empty()) out += "\n  What to do:\n";
  for (const std::string& a : e.advice) out += wrapped("- " + a, "    ");
  if (e.per_token) out += as_text(*e.per_token);
  return out;
}

std::string as_json(std::span<const Explanation> all) {
  Json series = Json::array();
  for (const Explanation& e : all) series.push_back(to_json(e));
  return Json{{"series", series}}.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace mlawave::analysis
