#include "harness/import/columns.h"

#include <algorithm>
#include <array>
#include <utility>

namespace mlawave::importer {
namespace {

struct Known {
  std::string_view name;  // lower case, letters and digits only
  Role role;
  double scale = 1;
};

constexpr Known kKnown[] = {
    {"nkv", Role::n_kv},
    {"ndepth", Role::n_kv},
    {"pp", Role::pp},
    {"tg", Role::tg},
    {"b", Role::batch},
    {"pl", Role::batch},
    {"tpps", Role::time_pp_s},
    {"tpp", Role::time_pp_s},
    {"sppts", Role::speed_pp},
    {"spp", Role::speed_pp},
    {"speedpp", Role::speed_pp},
    {"ttgs", Role::time_tg_s},
    {"ttg", Role::time_tg_s},
    {"stgts", Role::speed_tg},
    {"stg", Role::speed_tg},
    {"speedtg", Role::speed_tg},
    {"timens", Role::time_us, 1e-3},
    {"timeus", Role::time_us},
    {"timems", Role::time_us, 1e3},
    {"times", Role::time_us, 1e6},
    {"timeuslo", Role::time_lo_us},
    {"timeushi", Role::time_hi_us},
    {"tokenspers", Role::speed},
    {"tokenspersecond", Role::speed},
    {"tps", Role::speed},
    {"ts", Role::speed_text},
    {"test", Role::test},
    {"nprompt", Role::n_prompt},
    {"ngen", Role::n_gen},
    {"avgns", Role::avg_ns},
    {"stddevns", Role::stddev_ns},
    {"avgts", Role::avg_ts},
    {"status", Role::status},
    {"smclockmhz", Role::clock_mhz},
    {"units", Role::units},
    {"slots", Role::slots},
};

// Columns of our own export and of llama-bench whose values tell series apart.
constexpr std::string_view kKeys[] = {
    "backend",       "kernel",     "schedule",    "batch",
    "heads",         "sq",         "sms",         "chunk",
    "layout",        "dtype",      "cache",       "model",
    "size",          "params",     "ngl",         "threads",
    "nbatch",        "nubatch",    "fa",          "typek",
    "typev",         "sm",         "mg",          "rtr",
    "fmoe",          "mla",        "amb",         "modeltype",
    "modelfilename", "ngpulayers", "nthreads",    "flashattn",
    "splitmode",     "maingpu",    "nokvoffload", "tensorsplit",
    "gpuinfo",       "backends",   "ctaspersm",   "ntiles",
    "usemmap",       "embeddings", "buildcommit", "gpu",
    "splits",        "testname",   "series",      "name",
    "pagesize",
};

std::string letters(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out.push_back(c);
  }
  return out;
}

bool is_rule_cell(std::string_view cell) {
  return !cell.empty() && cell.find_first_not_of("-:") == std::string_view::npos &&
         cell.find('-') != std::string_view::npos;
}

// "N KV" and "T_PP s" are two words of one cell when words are told apart by blanks alone.
std::vector<std::string> join_units(const std::vector<std::string_view>& words) {
  std::vector<std::string> out;
  for (std::string_view w : words) {
    const std::string l = letters(w);
    const bool unit = l == "s" || l == "ts" || l == "kv";
    if (unit && !out.empty())
      (out.back() += ' ') += w;
    else
      out.emplace_back(w);
  }
  return out;
}

std::optional<Format> format_of(const Layout& l) {
  const bool tg = l.has(Role::time_tg_s) || l.has(Role::speed_tg);
  if (l.has(Role::n_kv) && tg) return Format::sweep_bench;
  if (l.has(Role::test) && (l.has(Role::speed_text) || l.has(Role::speed)))
    return Format::llama_bench;
  if (l.has(Role::n_gen) && (l.has(Role::avg_ns) || l.has(Role::avg_ts)))
    return Format::llama_bench;
  if (l.has(Role::n_kv) && (l.has(Role::time_us) || l.has(Role::speed) || l.has(Role::speed_text)))
    return Format::csv;
  return std::nullopt;
}

// llama-bench has a column "ts", the tensor split, beside its "t/s".
void tell_tensor_split_apart(Layout& l) {
  const auto speeds = std::count_if(l.columns.begin(), l.columns.end(),
                                    [](const Column& c) { return c.role == Role::speed_text; });
  for (Column& c : l.columns)
    if (speeds > 1 && c.name == "ts") c.role = Role::key;
}

// The cells that belong to the header: up to a separator row or a log on the same line.
std::size_t header_width(const std::vector<std::string_view>& cells) {
  for (std::size_t i = 0; i < cells.size(); ++i)
    if (is_rule_cell(cells[i]) || (cells[i].empty() && i > 0)) return i;
  return cells.size();
}

std::optional<Layout> header_with(std::string_view line, char separator) {
  std::vector<std::string> quoted;
  const auto cells = split(line, separator, quoted);
  if (cells.size() < 2) return std::nullopt;
  Layout layout;
  layout.separator = separator;
  if (separator == ' ') {
    for (const std::string& cell : join_units(cells)) layout.columns.push_back(classify(cell));
  } else {
    const std::size_t width = separator == '|' ? header_width(cells) : cells.size();
    for (std::size_t i = 0; i < width; ++i) layout.columns.push_back(classify(cells[i]));
  }
  tell_tensor_split_apart(layout);
  const auto format = format_of(layout);
  if (!format) return std::nullopt;
  layout.format = *format;
  return layout;
}

}  // namespace

bool Layout::has(Role role) const {
  return std::any_of(columns.begin(), columns.end(),
                     [&](const Column& c) { return c.role == role; });
}

std::string_view trim(std::string_view s) {
  constexpr std::string_view kBlank = " \t\r\n\v\f";
  const auto first = s.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return s.substr(first, s.find_last_not_of(kBlank) - first + 1);
}

Column classify(std::string_view cell) {
  const std::string name = letters(cell);
  for (const Known& k : kKnown)
    if (k.name == name) return {k.role, k.scale, std::string(cell)};
  if (std::find(std::begin(kKeys), std::end(kKeys), name) != std::end(kKeys))
    return {Role::key, 1, std::string(cell)};
  return {Role::ignored, 1, std::string(cell)};
}

bool is_rule(std::string_view line) {
  return line.find_first_not_of("|-: \t") == std::string_view::npos &&
         line.find('-') != std::string_view::npos;
}

std::vector<std::string_view> split(std::string_view line, char separator,
                                    std::vector<std::string>& quoted) {
  std::vector<std::string_view> cells;
  quoted.clear();
  if (separator == ' ') {
    for (std::size_t at = line.find_first_not_of(" \t"); at < line.size();) {
      const std::size_t end = std::min(line.find_first_of(" \t", at), line.size());
      cells.push_back(line.substr(at, end - at));
      at = line.find_first_not_of(" \t", end);
    }
    return cells;
  }
  const bool quotes = separator == ',' || separator == ';';
  if (quotes) quoted.reserve(static_cast<std::size_t>(std::count(line.begin(), line.end(), '"')));
  for (std::size_t at = 0; at <= line.size();) {
    std::size_t end = std::min(line.find(separator, at), line.size());
    const std::size_t start = line.find_first_not_of(" \t", at);
    if (quotes && start < line.size() && start < end && line[start] == '"') {
      std::string text;
      std::size_t i = start + 1;
      for (; i < line.size(); ++i) {
        if (line[i] != '"') {
          text.push_back(line[i]);
        } else if (i + 1 < line.size() && line[i + 1] == '"') {
          text.push_back(line[i++]);
        } else {
          break;
        }
      }
      end = std::min(line.find(separator, i), line.size());
      quoted.push_back(std::move(text));
      cells.push_back(trim(quoted.back()));
    } else {
      cells.push_back(trim(line.substr(at, end - at)));
    }
    at = end + 1;
  }
  if (separator == '|') {
    if (!cells.empty() && cells.front().empty()) cells.erase(cells.begin());
    if (!cells.empty() && cells.back().empty()) cells.pop_back();
  }
  return cells;
}

std::optional<Layout> read_header(std::string_view line) {
  constexpr std::size_t kLongestHeader = 4096;
  if (line.size() > kLongestHeader || line.empty()) return std::nullopt;
  constexpr std::string_view kTelling[] = {"kv", "KV", "t/s", "n_gen"};  // one is in every header
  if (std::none_of(std::begin(kTelling), std::end(kTelling),
                   [&](std::string_view word) { return line.find(word) != line.npos; }))
    return std::nullopt;
  for (char separator : {'|', '\t', ',', ';', ' '}) {
    if (line.find(separator) == std::string_view::npos) continue;
    if (auto layout = header_with(line, separator)) return layout;
  }
  return std::nullopt;
}

}  // namespace mlawave::importer
