#include "harness/record/read_run.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
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

}  // namespace

Run read_run(const std::string& path) {
  const std::string name = file_of(path);
  std::ifstream in(name, std::ios::binary);
  if (!in) throw BadInput(fmt::format("{}: {}, expected a run file", name, std::strerror(errno)));
  Run run;
  Collector collect(run);
  std::string line;
  for (std::int64_t number = 1; std::getline(in, line); ++number) {
    if (in.eof()) {  // no line end: its writer was killed
      run.warnings.push_back(
          fmt::format("{}:{}: the last line is half-written, it was dropped", name, number));
      break;
    }
    try {
      std::visit([&](auto&& value) { collect(std::move(value)); }, from_line(line));
    } catch (const BadInput& e) {
      throw BadInput(fmt::format("{}:{}: damaged line: {}", name, number, e.what()));
    }
    run.whole_bytes += static_cast<std::int64_t>(line.size()) + 1;
  }
  if (in.bad()) throw BadInput(fmt::format("{}: cannot be read: {}", name, std::strerror(errno)));
  if (run.whole_bytes == 0) throw BadInput(fmt::format("{}: empty, expected a run file", name));
  return run;
}

}  // namespace mlawave::record
