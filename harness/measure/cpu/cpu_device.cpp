#include "harness/measure/cpu/cpu_device.h"

#include <fmt/format.h>

#include <chrono>

#include "harness/env/host.h"
#include "harness/measure/cpu/cpu_ceilings.h"
#include "harness/measure/cpu/cpu_topology.h"
#include "harness/measure/cpu/make_device.h"

namespace mlawave::measure {

std::unique_ptr<Device> make_cpu_device() { return std::make_unique<CpuDevice>(); }

CpuSlice::CpuSlice(int asked, int threads) {
  partition_.sms_asked = asked;
  partition_.sms = threads;
  partition_.mode = record::SmMode::threads;
  partition_.sm_ids = env::allowed_cpus();
  partition_.sm_ids.resize(static_cast<std::size_t>(threads));
}

record::Sample CpuTimer::sample() {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  for (int i = 0; i < launches_; ++i) launch_(workload_.tensors(workload_.next_copy()));
  const std::chrono::duration<double, std::micro> batch = Clock::now() - begin;
  return {batch.count() / launches_, 0, false};
}

CpuDevice::CpuDevice() {
  const record::HostInfo host = env::host_info();
  info_.backend = api::Backend::cpu;
  info_.name = host.cpu;
  info_.compute_capability = simd_target();
  info_.sms = host.logical_cpus;
  info_.l2_bytes = memory_.cache_bytes = last_level_cache_bytes();
  info_.memory_bytes = total_memory_bytes();
}

Slice& CpuDevice::slice(int sms) {
  if (sms > info_.sms)
    throw Unavailable(
        fmt::format("{} worker threads asked for, expected at most {}: the CPUs this "
                    "process may use",
                    sms, info_.sms));
  auto& slice = slices_[sms];
  if (!slice) slice = std::make_unique<CpuSlice>(sms, sms == 0 ? info_.sms : sms);
  return *slice;
}

std::unique_ptr<Workload> CpuDevice::load(const api::MlaProblem& p,
                                          const workload::FillSpec& spec) {
  return std::make_unique<CpuWorkload>(memory_, p, spec);
}

std::unique_ptr<Timer> CpuDevice::timer(Slice&, Workload& workload, Launch launch,
                                        const TimerSpec& spec) {
  if (spec.timing == config::Timing::graph)
    throw Unavailable("timing \"graph\": the CPU has no graphs, expected \"batch\"");
  return std::make_unique<CpuTimer>(dynamic_cast<CpuWorkload&>(workload), std::move(launch),
                                    spec.launches);
}

record::Ceilings CpuDevice::ceilings() { return measure_cpu_ceilings(info_.l2_bytes); }

}  // namespace mlawave::measure
