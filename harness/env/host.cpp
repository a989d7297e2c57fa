#include "harness/env/host.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/utsname.h>

#include <ctime>
#include <fstream>

namespace mlawave::env {
namespace {

// The value of the first line "key…: value" in a file of such lines.
std::string value_in(const char* file, const std::string& key, char separator) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const std::size_t at = line.find(separator);
    if (line.compare(0, key.size(), key) != 0 || at == line.npos) continue;
    const std::size_t first = line.find_first_not_of(" \t\"", at + 1);
    if (first == line.npos) return "";
    return line.substr(first, line.find_last_not_of(" \t\"") - first + 1);
  }
  return "";
}

std::string or_unknown(std::string text) { return text.empty() ? "unknown" : text; }

}  // namespace

std::vector<int> allowed_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cpus;
  if (::sched_getaffinity(0, sizeof set, &set) == 0)
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
      if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  if (cpus.empty()) cpus.push_back(0);
  return cpus;
}

record::HostInfo host_info() {
  utsname u{};
  ::uname(&u);
  record::HostInfo h;
  h.name = or_unknown(u.nodename);
  h.cpu = or_unknown(value_in("/proc/cpuinfo", "model name", ':'));
  h.logical_cpus = static_cast<int>(allowed_cpus().size());
  h.os = fmt::format("{} ({} {})", or_unknown(value_in("/etc/os-release", "PRETTY_NAME", '=')),
                     u.sysname, u.release);
  return h;
}

std::string now_utc() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

}  // namespace mlawave::env
