// The CPU as a device of the measuring loop: worker threads stand for SMs.
#pragma once

#include <map>
#include <memory>

#include "harness/measure/cpu/cpu_workload.h"
#include "harness/measure/device.h"

namespace mlawave::measure {

class CpuSlice : public Slice {
 public:
  // The first `threads` of the CPUs this process may use; kernels pin their workers to them.
  CpuSlice(int asked, int threads);
  api::Stream stream() const override { return nullptr; }
  const record::Partition& partition() const override { return partition_; }
  void synchronize() override {}  // launches run to completion

 private:
  record::Partition partition_;
};

class CpuTimer : public Timer {
 public:
  CpuTimer(CpuWorkload& workload, Launch launch, int launches)
      : workload_(workload), launch_(std::move(launch)), launches_(launches) {}
  // The clock of a CPU and its throttling are not known to user space: 0 and never.
  record::Sample sample() override;

 private:
  CpuWorkload& workload_;
  Launch launch_;
  int launches_;
};

class CpuDevice : public Device {
 public:
  CpuDevice();
  const record::DeviceInfo& info() const override { return info_; }
  Slice& slice(int sms) override;
  std::unique_ptr<Workload> load(const api::MlaProblem&, const workload::FillSpec&) override;
  // Throws Unavailable for Timing::graph: the CPU has no graphs.
  std::unique_ptr<Timer> timer(Slice&, Workload&, Launch, const TimerSpec&) override;
  record::Sensors sensors() override { return {}; }
  record::Ceilings ceilings() override;
  bool healthy() const override { return true; }

 private:
  record::DeviceInfo info_;
  CpuMemory memory_;
  std::map<int, std::unique_ptr<CpuSlice>> slices_;
};

}  // namespace mlawave::measure
