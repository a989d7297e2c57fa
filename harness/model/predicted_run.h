// Predictions as records, backend `model`: plotted, exported and explained like measured ones.
#pragma once

#include "harness/config/sweep_config.h"
#include "harness/model/gpus.h"
#include "harness/model/kernel_model.h"
#include "harness/plan/case.h"
#include "harness/record/record.h"
#include "harness/record/run_info.h"

namespace mlawave::model {

// Samples: low end, value, high end of the 95 % interval, so that the summary that readers compute
// is the prediction and its interval.
record::Record predicted(const plan::Case&, const KernelModel& moved, const Gpu&);

record::DeviceInfo device_info(const Gpu&);

}  // namespace mlawave::model
