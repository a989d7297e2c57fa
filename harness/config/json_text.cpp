#include "harness/config/json_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "harness/config/bad_input.h"

namespace mlawave::config {
namespace {

using Json = nlohmann::json;

// Watches the parser: no key twice in one object, no nesting that could exhaust a stack.
class Guard {
 public:
  explicit Guard(const std::string& source) : source_(source) {}

  bool operator()(int depth, Json::parse_event_t event, const Json& parsed) {
    const auto level = static_cast<std::size_t>(depth);
    if (event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start)
      open(level);
    else if (event == Json::parse_event_t::key)
      key(level, parsed.get<std::string>());
    return true;
  }

 private:
  void open(std::size_t level) {
    if (level >= static_cast<std::size_t>(kMaxJsonDepth))
      throw BadInput(fmt::format("{}: nested more than {} levels deep", source_, kMaxJsonDepth));
    keys_.resize(std::max(keys_.size(), level + 2));
    path_.resize(std::max(path_.size(), level + 2));
    keys_[level + 1].clear();
    path_[level + 1].clear();
  }

  // Keys are reported one level below the object that holds them.
  void key(std::size_t level, const std::string& name) {
    path_[level] = name;
    if (keys_[level].insert(name).second) return;
    std::string path;
    for (std::size_t i = 1; i <= level; ++i)
      if (!path_[i].empty()) path += (path.empty() ? "" : ".") + path_[i];
    throw BadInput(fmt::format("{}: {}: given twice, expected once", source_, path));
  }

  std::string source_;
  std::vector<std::set<std::string>> keys_;
  std::vector<std::string> path_;
};

std::string place(std::string_view text, std::size_t byte) {
  const auto before = text.substr(0, byte == 0 ? 0 : std::min(byte - 1, text.size()));
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const auto line_start = before.rfind('\n');
  const auto column = before.size() - (line_start == std::string_view::npos ? 0 : line_start + 1);
  return fmt::format("{}:{}", lines + 1, column + 1);
}

// "[json.exception…] parse error at line 1, column 2: syntax error …" without what place() says.
std::string reason(const std::string& what) {
  for (const char* mark : {"column ", "] "})
    if (const auto at = what.find(mark); at != std::string::npos) {
      const auto colon = what.find(": ", at);
      return what.substr(colon == std::string::npos ? at + std::strlen(mark) : colon + 2);
    }
  return what;
}

}  // namespace

nlohmann::json parse_json(std::string_view text, const std::string& source) {
  if (text.size() > kMaxConfigBytes)
    throw BadInput(
        fmt::format("{}: {} bytes, expected at most {}", source, text.size(), kMaxConfigBytes));
  try {
    return Json::parse(text.begin(), text.end(), Guard(source));
  } catch (const Json::parse_error& e) {
    throw BadInput(fmt::format("{}:{}: {}", source, place(text, e.byte), reason(e.what())));
  } catch (const Json::exception& e) {  // a number that does not fit a double
    throw BadInput(fmt::format("{}: {}", source, reason(e.what())));
  }
}

std::string shown(const nlohmann::json& value) {
  constexpr std::size_t kMaxShown = 80;
  if (value.is_structured() && value.size() > kMaxShown)
    return value.is_array() ? "a long list" : "a large object";
  std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  if (text.size() > kMaxShown) text = text.substr(0, kMaxShown - 3) + "...";
  return text;
}

std::string read_config_file(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error))
    throw BadInput(fmt::format("{}: is a directory, expected a config file", path));
  std::ifstream in(path, std::ios::binary);
  if (!in) throw BadInput(fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
  std::string text(kMaxConfigBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad()) throw BadInput(fmt::format("{}: cannot be read", path));
  if (text.size() > kMaxConfigBytes)
    throw BadInput(fmt::format("{}: larger than {} bytes", path, kMaxConfigBytes));
  return text;
}

}  // namespace mlawave::config
