#include "harness/import/json_rows.h"

#include <nlohmann/json.hpp>

namespace mlawave::importer {
namespace {

constexpr std::size_t kMaxObject = std::size_t{1} << 20;

std::string as_text(const nlohmann::json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return "null";
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

void JsonRows::abandon() {
  text_.clear();
  depth_ = 0;
  in_string_ = escaped_ = checked_ = false;
}

void JsonRows::finish() {
  const auto object = nlohmann::json::parse(text_, nullptr, false);
  if (!object.is_object()) return;
  Layout layout;
  JsonRow row;
  row.line = line_;
  std::vector<std::string> texts;
  texts.reserve(object.size());
  std::vector<std::string_view> cells;
  for (const auto& [key, value] : object.items()) {
    if (value.is_structured()) continue;
    layout.columns.push_back(classify(key));
    if (layout.columns.back().role == Role::time_us) row.time_scale = layout.columns.back().scale;
    texts.push_back(as_text(value));
    cells.push_back(texts.back());
  }
  const bool sweep =
      layout.has(Role::n_kv) && (layout.has(Role::time_tg_s) || layout.has(Role::speed_tg));
  const bool bench =
      layout.has(Role::n_gen) && (layout.has(Role::avg_ns) || layout.has(Role::avg_ts));
  const bool plain =
      layout.has(Role::n_kv) && (layout.has(Role::time_us) || layout.has(Role::speed));
  if (!sweep && !bench && !plain) return;
  row.format = sweep ? Format::sweep_bench : bench ? Format::llama_bench : Format::csv;
  assign(layout, cells, row.cells);
  take_(std::move(row));
}

bool JsonRows::feed(std::string_view line, std::int64_t number) {
  if (depth_ == 0) {
    if (line.empty() || (line[0] != '{' && line[0] != '[') || line.find('{') == line.npos)
      return false;
  }
  for (char c : line) {
    if (depth_ == 0) {
      if (c != '{') continue;
      text_.clear();
      line_ = number;
      checked_ = false;
    } else if (!checked_ && c != ' ' && c != '\t') {
      // A brace that doesn't open with a key is no object but somebody's code.
      if (c != '"') return abandon(), true;
      checked_ = true;
    }
    text_.push_back(c);
    if (in_string_) {
      if (escaped_)
        escaped_ = false;
      else if (c == '\\')
        escaped_ = true;
      else if (c == '"')
        in_string_ = false;
      continue;
    }
    if (c == '"') in_string_ = true;
    if (c == '{') ++depth_;
    if (c == '}' && --depth_ == 0) finish();
  }
  if (depth_ > 0) {
    text_.push_back('\n');
    if (text_.size() > kMaxObject) abandon();
  }
  return true;
}

}  // namespace mlawave::importer
