// The GPU as a device of the measuring loop.
#pragma once

#include <map>
#include <memory>

#include "harness/env/cuda/nvml.h"
#include "harness/measure/cuda/cuda_timer.h"
#include "harness/measure/cuda/cuda_workload.h"
#include "harness/measure/cuda/make_device.h"
#include "harness/measure/device.h"
#include "kernels/cuda/base/device.h"
#include "kernels/cuda/base/green_context.h"

namespace mlawave::measure {

class CudaSlice : public Slice {
 public:
  CudaSlice(int device, int sms);  // sms 0: all; throws Unavailable
  api::Stream stream() const override { return slice_.stream(); }
  const record::Partition& partition() const override { return partition_; }
  void synchronize() override;

 private:
  cuda::SmSlice slice_;
  record::Partition partition_;
};

class CudaDevice : public Device {
 public:
  explicit CudaDevice(int index);

  const record::DeviceInfo& info() const override { return info_; }
  Slice& slice(int sms) override;
  std::unique_ptr<Workload> load(const api::MlaProblem&, const workload::FillSpec&) override;
  std::unique_ptr<Timer> timer(Slice&, Workload&, Launch, const TimerSpec&) override;
  record::Sensors sensors() override;
  record::Ceilings ceilings() override;
  bool healthy() const override { return cuda::device_usable(); }

 private:
  cuda::DeviceProperties properties_;
  env::Nvml nvml_;
  record::DeviceInfo info_;
  cuda::OwnedStream stream_;
  std::map<int, std::unique_ptr<CudaSlice>> slices_;
  CudaMemory memory_;
  CudaClockwork clockwork_;
};

}  // namespace mlawave::measure
