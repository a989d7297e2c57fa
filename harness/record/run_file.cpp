#include "harness/record/run_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "harness/config/bad_input.h"
#include "harness/record/json_line.h"
#include "harness/record/read_run.h"

namespace mlawave::record {
namespace {

using config::BadInput;

[[noreturn]] void fail(const std::string& path, const char* what, int error) {
  throw BadInput(fmt::format("{}: {}: {}", path, what, std::strerror(error)));
}

std::string device_names(const RunInfo& info) {
  std::string text;
  for (const DeviceInfo& d : info.devices)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", api::to_string(d.backend), d.name);
  return text;
}

std::string plugin_names(const RunInfo& info) {
  std::string text;
  for (const PluginInfo& p : info.plugins)
    text += fmt::format("{}{} (sha256 {})", text.empty() ? "" : ", ", p.path, p.sha256);
  return text.empty() ? "no plugin" : text;
}

// The same files, wherever they lie.
bool same_plugins(const RunInfo& a, const RunInfo& b) {
  return std::equal(a.plugins.begin(), a.plugins.end(), b.plugins.begin(), b.plugins.end(),
                    [](const auto& p, const auto& q) { return p.sha256 == q.sha256; });
}

void check_same_run(const std::string& path, const RunInfo& there, const RunInfo& wanted) {
  if (there.config_hash != wanted.config_hash)
    throw BadInput(
        fmt::format("{}: holds the run of another config: its hash is {}, this config's is {}; "
                    "expected another --out",
                    path, there.config_hash, wanted.config_hash));
  if (device_names(there) != device_names(wanted))
    throw BadInput(
        fmt::format("{}: was measured on {}, this machine has {}; expected another --out", path,
                    device_names(there), device_names(wanted)));
  if (!same_plugins(there, wanted))
    throw BadInput(fmt::format("{}: was measured with {}, this call has {}; expected another --out",
                               path, plugin_names(there), plugin_names(wanted)));
}

bool has_whole_line(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string line;
  return std::getline(in, line) && !in.eof();
}

}  // namespace

RunFile::RunFile(const std::string& dir, const RunInfo& info, bool resume)
    : path_((std::filesystem::path(dir) / kRunFileName).string()) {
  std::error_code error;
  std::filesystem::create_directories(dir, error);
  if (error) throw BadInput(fmt::format("{}: cannot make the directory: {}", dir, error.message()));
  fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd_ < 0) fail(path_, "cannot be written", errno);
  try {
    lock();
    if (size() != 0) continue_run(info, resume);
    is_new_ = size() == 0;
  } catch (...) {
    ::close(fd_);
    throw;
  }
}

RunFile::~RunFile() { ::close(fd_); }

void RunFile::lock() {
  if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return;
  if (errno == EWOULDBLOCK)
    throw BadInput(fmt::format("{}: another sweep is writing here; expected another --out", path_));
  fail(path_, "cannot be locked", errno);
}

std::size_t RunFile::size() const {
  struct stat s {};
  if (::fstat(fd_, &s) != 0) fail(path_, "cannot be read", errno);
  return static_cast<std::size_t>(s.st_size);
}

void RunFile::continue_run(const RunInfo& info, bool resume) {
  if (!has_whole_line(path_)) {  // killed while it wrote the header
    cut_to(0);
    warnings_.push_back(fmt::format("{}: held half a header, started anew", path_));
    return;
  }
  const Run there = read_run(path_);
  check_same_run(path_, there.info, info);
  if (!resume)
    throw BadInput(
        fmt::format("{}: already holds {} records of this config; expected --resume or "
                    "another --out",
                    path_, there.records.size()));
  warnings_ = there.warnings;
  cut_to(there.whole_bytes);
  for (const Record& r : there.records)
    if (r.status != Status::not_run) finished_.emplace(r.id, r.status);
  append_line(to_line(Resumption{info.start_time_utc, info.command_line, info.build.git_revision}));
}

void RunFile::cut_to(std::int64_t bytes) {
  if (::ftruncate(fd_, bytes) != 0) fail(path_, "cannot be written", errno);
}

void RunFile::write_header(const RunInfo& info) { append_line(to_line(info)); }
void RunFile::append(const Record& r) { append_line(to_line(r)); }
void RunFile::append(const AaCheck& a) { append_line(to_line(a)); }

void RunFile::append_line(std::string line) {
  line += '\n';
  for (std::string_view rest = line; !rest.empty();) {
    const ssize_t n = ::write(fd_, rest.data(), rest.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(path_, "cannot be written", errno);
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace mlawave::record
