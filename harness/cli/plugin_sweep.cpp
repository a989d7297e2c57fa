#include "harness/cli/plugin_sweep.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

namespace mlawave::cli {

namespace fs = std::filesystem;

std::string lib(const std::string& name) { return MLAWAVE_PLUGINS "/" + name + ".so"; }

Finished run_mlawave(const std::string& arguments) {
  // A sanitizer would catch a plugin's signal and exit in its place.
  const std::string command =
      "ASAN_OPTIONS=handle_segv=0 " MLAWAVE_BINARY " " + arguments + " 2>&1";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  Finished done{-1, ""};
  char buffer[4096];
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    done.text.append(buffer, n);
  const int status = ::pclose(pipe);
  if (WIFEXITED(status)) done.exit_code = WEXITSTATUS(status);
  return done;
}

PluginSweep::PluginSweep()
    : out_(fs::path(testing::TempDir()) /
           fmt::format("{}{}", testing::UnitTest::GetInstance()->current_test_info()->name(),
                       ::getpid())) {}

PluginSweep::~PluginSweep() { fs::remove_all(out_); }

Finished PluginSweep::sweep(const std::string& plugin, const std::string& flags) {
  return run_mlawave(fmt::format(
      "sweep --plugin {} --min-samples 3 --max-samples 3 --launches-per-sample 1 --aa-fraction 0 "
      "--out {} {}",
      plugin, out_, flags));
}

std::vector<record::Status> PluginSweep::statuses(const std::string& kernel) const {
  std::vector<record::Status> result;
  for (const auto& r : run().records)
    if (r.what.kernel == kernel) result.push_back(r.status);
  return result;
}

std::string PluginSweep::reason_of(const std::string& kernel) const {
  for (const auto& r : run().records)
    if (r.what.kernel == kernel) return r.reason;
  return "no record";
}

}  // namespace mlawave::cli
