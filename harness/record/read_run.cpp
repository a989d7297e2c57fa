#include "harness/record/read_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <thread>
#include <unordered_map>

#include "harness/config/bad_input.h"
#include "harness/record/json_line.h"

namespace mlawave::record {
namespace {

using config::BadInput;

// Collects lines of all kinds into a Run.
class Collector {
 public:
  explicit Collector(Run& run) : run_(run) {}

  void operator()(RunInfo info) {
    if (has_header_) throw BadInput("a second header; expected one, in line 1");
    run_.info = std::move(info);
    has_header_ = true;
  }
  void operator()(Record r) {
    need_header();
    const auto [at, is_new] = index_.try_emplace(r.id, run_.records.size());
    if (is_new)
      run_.records.push_back(std::move(r));
    else
      run_.records[at->second] = std::move(r);
  }
  void operator()(AaCheck a) {
    need_header();
    run_.aa.push_back(std::move(a));
  }
  void operator()(Resumption r) {
    need_header();
    run_.resumptions.push_back(std::move(r));
  }

 private:
  void need_header() const {
    if (!has_header_) throw BadInput("no header; expected {\"kind\":\"run\",…} in line 1");
  }

  Run& run_;
  bool has_header_ = false;
  std::unordered_map<std::string, std::size_t> index_;
};

std::string file_of(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  return fs::is_directory(path, ignored) ? (fs::path(path) / kRunFileName).string() : path;
}

std::string read_file(const std::string& name) {
  std::ifstream in(name, std::ios::binary);
  if (!in) throw BadInput(fmt::format("{}: {}, expected a run file", name, std::strerror(errno)));
  std::ostringstream text;
  text << in.rdbuf();
  if (in.bad()) throw BadInput(fmt::format("{}: cannot be read: {}", name, std::strerror(errno)));
  return std::move(text).str();
}

// Without the line ends; a last line without one is left out.
std::vector<std::string_view> whole_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t end; (end = text.find('\n')) != text.npos; text.remove_prefix(end + 1))
    lines.push_back(text.substr(0, end));
  return lines;
}

struct Parsed {
  Line line;
  std::string error;  // empty: line is good
};

void parse(std::string_view text, Parsed& into) {
  try {
    into.line = from_line(text);
  } catch (const BadInput& e) {
    into.error = e.what();
  }
}

// Long files are parsed on all CPUs: a line costs tens of microseconds.
std::vector<Parsed> parse_all(const std::vector<std::string_view>& lines) {
  constexpr std::size_t kBlock = 256;
  std::vector<Parsed> parsed(lines.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t first; (first = next.fetch_add(kBlock)) < lines.size();)
      for (std::size_t i = first; i < std::min(first + kBlock, lines.size()); ++i)
        parse(lines[i], parsed[i]);
  };
  const std::size_t blocks = lines.size() / kBlock;
  std::vector<std::jthread> helpers;
  for (std::size_t i = 1; i < std::min<std::size_t>(blocks, std::thread::hardware_concurrency());
       ++i)
    helpers.emplace_back(work);
  work();
  helpers.clear();
  return parsed;
}

}  // namespace

Run read_run(const std::string& path) {
  const std::string name = file_of(path);
  const std::string text = read_file(name);
  const std::vector<std::string_view> lines = whole_lines(text);
  if (lines.empty()) throw BadInput(fmt::format("{}: empty, expected a run file", name));
  Run run;
  Collector collect(run);
  std::vector<Parsed> parsed = parse_all(lines);
  for (std::size_t i = 0; i < lines.size(); ++i) try {
      if (!parsed[i].error.empty()) throw BadInput(parsed[i].error);
      std::visit([&](auto& line) { collect(std::move(line)); }, parsed[i].line);
    } catch (const BadInput& e) {
      throw BadInput(fmt::format("{}:{}: damaged line: {}", name, i + 1, e.what()));
    }
  run.whole_bytes = static_cast<std::int64_t>(text.rfind('\n')) + 1;
  if (run.whole_bytes != static_cast<std::int64_t>(text.size()))  // its writer was killed
    run.warnings.push_back(fmt::format("{}:{}: the last line is half-written, it was dropped", name,
                                       lines.size() + 1));
  return run;
}

}  // namespace mlawave::record
