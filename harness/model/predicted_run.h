// Predictions as records, backend `model`: plotted, exported and explained like measured ones.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/config/sweep_config.h"
#include "harness/model/gpus.h"
#include "harness/model/kernel_model.h"
#include "harness/plan/plan.h"
#include "harness/record/record.h"
#include "harness/record/run_info.h"

namespace mlawave::model {

// Samples: low end, value, high end of the 95 % interval, so that the summary that readers compute
// is the prediction and its interval.
// `phases`: with the time of the main phase, the model's without its combine.
record::Record predicted(const plan::Case&, const KernelModel& moved, const Gpu&,
                         bool phases = false);

// The kernels that exist for the card, moved to it. `left_out` is told the names of the others.
std::vector<KernelModel> kernels_for(const std::vector<KernelModel>&, const Gpu&,
                                     const std::function<void(const std::string&)>& left_out);

// For plan::Plan: what the fitted kernels make of an SM count of the card.
plan::SlotsOf slots_of_models(std::vector<KernelModel> moved, const Gpu&);

// One record for each case whose kernel is among `moved`.
std::vector<record::Record> predicted_records(const plan::Plan&,
                                              const std::vector<KernelModel>& moved, const Gpu&,
                                              const std::string& command);

record::DeviceInfo device_info(const Gpu&);

}  // namespace mlawave::model
