// mlawave devices: what this build and this machine can run.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <cstdio>
#include <exception>
#include <memory>

#include "harness/cli/commands.h"
#include "harness/cli/footprint.h"
#include "harness/cli/machine.h"
#include "harness/cli/plugins.h"
#include "harness/env/build.h"
#include "harness/run/worker.h"

namespace mlawave::cli {
namespace {

std::string bytes_text(std::int64_t bytes) {
  if (bytes >= std::int64_t{1} << 30) return fmt::format("{:.1f} GiB", std::ldexp(bytes, -30));
  if (bytes >= std::int64_t{1} << 20) return fmt::format("{:.0f} MiB", std::ldexp(bytes, -20));
  return fmt::format("{:.0f} KiB", std::ldexp(bytes, -10));
}

void print_build() {
  const record::BuildInfo build = env::build_info();
  fmt::print("mlawave {} ({}), {} {}, {}\n", build.version, build.git_revision, build.compiler,
             build.build_type,
             build.cuda_architectures.empty() ? "no CUDA kernels"
                                              : "CUDA kernels for " + build.cuda_architectures);
}

void print_field(const char* name, const std::string& value) {
  if (!value.empty()) fmt::print("  {:<20} {}\n", name, value);
}

void print_device(const record::DeviceInfo& d) {
  const bool gpu = d.backend == api::Backend::cuda;
  fmt::print("\n{}: {}\n", api::to_string(d.backend), d.name);
  print_field(gpu ? "compute capability" : "SIMD", d.compute_capability);
  print_field(gpu ? "SMs" : "worker threads", fmt::format("1 to {}", d.sms));
  print_field(gpu ? "L2" : "last-level cache", bytes_text(d.l2_bytes));
  print_field("memory", bytes_text(d.memory_bytes));
  if (d.shared_bytes_per_sm > 0)
    print_field("shared memory / SM", bytes_text(d.shared_bytes_per_sm));
  print_field("driver", d.driver);
  print_field("CUDA (driver)", d.cuda_driver);
  print_field("CUDA (this build)", d.cuda_runtime);
  if (d.power_limit_w) print_field("power limit", fmt::format("{:.0f} W", *d.power_limit_w));
  if (d.max_sm_clock_mhz)
    print_field("highest SM clock", fmt::format("{} MHz", *d.max_sm_clock_mhz));
}

// What a plan says of itself: "1 tile of 16 rows, 2 CTAs/SM, …".
std::string shape_text(const api::PlanInfo& info) {
  if (info.slots == 0) return "the plugin does not tell its plan";
  std::string text = fmt::format("tiles {} x {} rows, CTAs/SM {}", info.n_tiles, info.rows_per_tile,
                                 info.ctas_per_sm);
  if (info.shared_bytes_per_cta > 0)
    text += fmt::format(", shared {} B/CTA", info.shared_bytes_per_cta);
  if (info.registers_per_thread > 0)
    text +=
        fmt::format(", {} threads x {} registers", info.threads_per_cta, info.registers_per_thread);
  return text;
}

std::string plan_text(const api::Kernel& kernel, const api::PlanRequest& request) try {
  const api::Support support = kernel.supports(request);
  return support.ok ? shape_text(kernel.plan(request)->info()) : support.reason;
} catch (const std::exception& error) {  // a plugin's
  return error.what();
}

void print_shape(const api::Kernel& kernel, int heads, int sms) {
  const api::PlanRequest request{
      api::make_problem({4096}, heads, 1, api::Dtype::f16, api::Layout::rope_nope), {}, sms};
  std::fflush(stdout);  // the plugin may end the process
  if (run::Worker* worker = run::Worker::self())
    worker->stage(fmt::format("asking {} for a plan", kernel.name()));
  fmt::print("    {:<20} {} heads: {}\n", "", heads, plan_text(kernel, request));
  for (const std::string& line : footprint_lines(kernel, request))
    fmt::print("    {:<20}   {}\n", "", line);
}

void print_kernels(api::Kernels kernels, api::Backend backend, int sms) {
  fmt::print("  kernels\n");
  for (const api::Kernel* kernel : kernels) {
    if (kernel->backend() != backend) continue;
    fmt::print("    {:<20} {}\n", kernel->name(), kernel->description());
    for (int heads : {16, 128}) print_shape(*kernel, heads, sms);
  }
}

void print_plugins(const std::vector<record::PluginInfo>& plugins) {
  for (const record::PluginInfo& p : plugins) {
    fmt::print("\nplugin: {} {}\n", p.name, p.version);
    print_field("file", p.path);
    print_field("SHA-256", p.sha256);
    print_field("kernels", fmt::format("{}", fmt::join(p.kernels, ", ")));
  }
}

void print_devices(const std::vector<std::string>& plugin_paths, Context& context) {
  if (needs_worker(plugin_paths)) {
    context.exit_code = run::supervise(context.argv);
    return;
  }
  const Plugins plugins(plugin_paths, context.kernels);
  print_build();
  print_plugins(plugins.info());
  Machine machine;
  for (api::Backend backend : {api::Backend::cuda, api::Backend::cpu}) {
    if (const std::string reason = Machine::why_not(backend); !reason.empty()) {
      fmt::print("\n{}: cannot be used: {}\n", api::to_string(backend), reason);
      if (backend == api::Backend::cuda)
        for (const std::string& line : architecture_lines(env::build_info().cuda_architectures))
          fmt::print("  {}\n", line);
      continue;
    }
    const record::DeviceInfo& info = machine.open(backend).info();
    print_device(info);
    print_kernels(plugins.kernels(), backend, info.sms);
  }
}

}  // namespace

void add_devices(CLI::App& app, Context& context) {
  auto plugins = std::make_shared<std::vector<std::string>>();
  CLI::App* command = app.add_subcommand("devices", "What this build and this machine can run");
  add_plugin_flag(*command, *plugins);
  command->callback([plugins, &context] { print_devices(*plugins, context); });
}

}  // namespace mlawave::cli
