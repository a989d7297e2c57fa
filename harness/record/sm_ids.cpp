#include "harness/record/sm_ids.h"

#include <fmt/format.h>

#include <charconv>

#include "harness/config/bad_input.h"

namespace mlawave::record {
namespace {

constexpr int kMaxSmId = 65535;

int read_id(std::string_view text, std::string_view all) {
  int id = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc{} || end != text.data() + text.size() || id < 0 || id > kMaxSmId)
    throw config::BadInput(fmt::format("SM numbers \"{}\": expected a list like 0-75,80", all));
  return id;
}

void append_range(std::string_view range, std::string_view all, std::vector<int>& ids) {
  const std::size_t dash = range.find('-');
  const int first = read_id(range.substr(0, dash), all);
  const int last = dash == range.npos ? first : read_id(range.substr(dash + 1), all);
  for (int id = first; id <= last; ++id) ids.push_back(id);
}

}  // namespace

std::string sm_ids_to_text(const std::vector<int>& sorted) {
  std::string text;
  for (std::size_t i = 0; i < sorted.size();) {
    std::size_t end = i + 1;
    while (end < sorted.size() && sorted[end] == sorted[end - 1] + 1) ++end;
    if (!text.empty()) text += ',';
    text += end == i + 1 ? fmt::format("{}", sorted[i])
                         : fmt::format("{}-{}", sorted[i], sorted[end - 1]);
    i = end;
  }
  return text;
}

std::vector<int> sm_ids_from_text(std::string_view text) {
  std::vector<int> ids;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t comma = rest.find(',');
    append_range(rest.substr(0, comma), text, ids);
    rest = comma == rest.npos ? "" : rest.substr(comma + 1);
  }
  return ids;
}

}  // namespace mlawave::record
