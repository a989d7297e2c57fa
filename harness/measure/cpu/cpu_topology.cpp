#include "harness/measure/cpu/cpu_topology.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <map>
#include <string>

#include "harness/env/host.h"

namespace mlawave::measure {
namespace {

constexpr std::int64_t kUsualCacheBytes = 32 << 20;  // where the system does not say

std::string first_word(const std::string& file) {
  std::ifstream in(file);
  std::string word;
  in >> word;
  return word;
}

// "32768K", "32M"; 0 when it is no size.
std::int64_t size_of(const std::string& text) {
  std::int64_t n = 0;
  for (char c : text) {
    if (c >= '0' && c <= '9')
      n = n * 10 + (c - '0');
    else
      return c == 'K' ? n << 10 : c == 'M' ? n << 20 : c == 'G' ? n << 30 : 0;
  }
  return n;
}

// The largest cache of one CPU, and the CPUs that share it.
struct LastLevel {
  std::int64_t bytes = 0;
  std::string sharers;
};

LastLevel last_level_of(int cpu) {
  LastLevel last;
  for (int index = 0;; ++index) {
    const auto dir = fmt::format("/sys/devices/system/cpu/cpu{}/cache/index{}/", cpu, index);
    const std::int64_t bytes = size_of(first_word(dir + "size"));
    if (bytes == 0) return last;
    if (bytes > last.bytes) last = {bytes, first_word(dir + "shared_cpu_list")};
  }
}

std::int64_t meminfo_available() {
  std::ifstream in("/proc/meminfo");
  std::string key, unit;
  for (std::int64_t kib; in >> key >> kib; std::getline(in, unit))
    if (key == "MemAvailable:") return kib << 10;
  return total_memory_bytes();
}

std::int64_t control_group_available() {
  const std::string limit = first_word("/sys/fs/cgroup/memory.max");
  if (limit.empty() || limit == "max") return std::numeric_limits<std::int64_t>::max();
  return std::max<std::int64_t>(
      0, size_of(limit) - size_of(first_word("/sys/fs/cgroup/memory.current")));
}

}  // namespace

std::int64_t last_level_cache_bytes() {
  std::map<std::string, std::int64_t> instances;
  for (int cpu : env::allowed_cpus()) {
    const LastLevel last = last_level_of(cpu);
    instances[last.sharers] = last.bytes;
  }
  std::int64_t sum = 0;
  for (const auto& [sharers, bytes] : instances) sum += bytes;
  return sum > 0 ? sum : kUsualCacheBytes;
}

std::int64_t total_memory_bytes() {
  return static_cast<std::int64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGESIZE);
}

std::int64_t available_memory_bytes() {
  return std::min(meminfo_available(), control_group_available());
}

}  // namespace mlawave::measure
