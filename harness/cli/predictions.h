// Fitted kernels and the runs they predict, for every command that predicts.
#pragma once

#include <string>
#include <vector>

#include "harness/model/fit_run.h"
#include "harness/model/gpus.h"
#include "harness/plan/plan.h"
#include "harness/record/read_run.h"

namespace mlawave::cli {

// `paths`: measured runs, or one file of `predict --save-fit`; empty: the file that comes with the
// sources. The filter's SM counts and chunks are for runs alone. Throws config::BadInput.
std::vector<model::KernelModel> fitted_kernels(const std::vector<std::string>& paths,
                                               const model::Filter&);

// The card of `--gpu`. Throws config::BadInput with the nearest name.
model::Gpu gpu_of_flag(const std::string& name);

// The fitted kernels that exist for the card, moved to it; the others are named on stderr. Throws
// config::BadInput when none is left.
std::vector<model::KernelModel> kernels_on(const model::Gpu&,
                                           const std::vector<model::KernelModel>&);

// Every case of the plan as a record of backend model, with the header of a run.
record::Run predicted_run(const plan::Plan&, const std::vector<model::KernelModel>& on_gpu,
                          const model::Gpu&, const std::string& command_line);

// A new run directory. Throws config::BadInput as record::RunFile.
void write_run(const std::string& dir, const record::Run&);

}  // namespace mlawave::cli
