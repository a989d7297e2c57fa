// The GPU's part of a run's header.
#pragma once

#include "harness/env/cuda/nvml.h"
#include "harness/record/record.h"
#include "harness/record/run_info.h"
#include "kernels/cuda/base/device.h"

namespace mlawave::env {

// Without the ceilings, which are measured.
record::DeviceInfo device_info(const cuda::DeviceProperties&, const Nvml&);

// Clocks, power, temperature and throttle reasons of this moment.
record::Sensors read_sensors(const Nvml&);

}  // namespace mlawave::env
