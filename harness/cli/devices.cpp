// mlawave devices: what this build and this machine can run.
#include <fmt/format.h>

#include <cmath>

#include "harness/cli/commands.h"
#include "harness/cli/machine.h"
#include "harness/env/build.h"

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

// What the kernel makes of one decode step with so many heads: "1 tile of 16 rows, 2 CTAs/SM, …".
std::string shape_text(const api::Kernel& kernel, int heads, int sms) {
  const api::PlanRequest request{
      api::make_problem({4096}, heads, 1, api::Dtype::f16, api::Layout::rope_nope), {}, sms};
  if (const api::Support support = kernel.supports(request); !support.ok) return support.reason;
  const api::PlanInfo info = kernel.plan(request)->info();
  std::string text = fmt::format("tiles {} x {} rows, CTAs/SM {}", info.n_tiles, info.rows_per_tile,
                                 info.ctas_per_sm);
  if (info.shared_bytes_per_cta > 0)
    text += fmt::format(", shared {} B/CTA", info.shared_bytes_per_cta);
  if (info.registers_per_thread > 0)
    text +=
        fmt::format(", {} threads x {} registers", info.threads_per_cta, info.registers_per_thread);
  return text;
}

void print_kernels(api::Kernels kernels, api::Backend backend, int sms) {
  fmt::print("  kernels\n");
  for (const api::Kernel* kernel : kernels) {
    if (kernel->backend() != backend) continue;
    fmt::print("    {:<20} {}\n", kernel->name(), kernel->description());
    for (int heads : {16, 128})
      fmt::print("    {:<20} {} heads: {}\n", "", heads, shape_text(*kernel, heads, sms));
  }
}

void print_devices(const Context& context) {
  print_build();
  Machine machine;
  for (api::Backend backend : {api::Backend::cuda, api::Backend::cpu}) {
    if (const std::string reason = Machine::why_not(backend); !reason.empty()) {
      fmt::print("\n{}: cannot be used: {}\n", api::to_string(backend), reason);
      continue;
    }
    const record::DeviceInfo& info = machine.open(backend).info();
    print_device(info);
    print_kernels(context.kernels, backend, info.sms);
  }
}

}  // namespace

void add_devices(CLI::App& app, Context& context) {
  app.add_subcommand("devices", "What this build and this machine can run")->callback([&context] {
    print_devices(context);
  });
}

}  // namespace mlawave::cli
