// Measured runs -> fitted kernels; and how far predictions are from a measured run.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/model/kernel_model.h"
#include "harness/record/read_run.h"

namespace mlawave::model {

struct Filter {  // empty: all
  std::vector<int> sms, chunks, heads;
  std::vector<std::string> kernels;
};

struct Source {
  std::string name;  // directory or file
  record::Run run;
};

// One model a kernel, of the records that are ok, cold, not ragged and of a schedule that the model
// knows. Throws config::BadInput when nothing is left, or when the runs are of several cards.
std::vector<KernelModel> fit_runs(const std::vector<Source>&, const Filter&);

struct SeriesCheck {
  std::string name;
  int rows = 0;
  double mean_error = 0;  // mean |predicted / measured - 1|
  double worst_error = 0;
  double error_95 = 0;
  std::string gpu;  // of the run
  int jumps = 0;
  double jump_ratio = 0;  // median of predicted / measured jump at the boundaries; 0: none
};

// `models` as fitted; moved to the run's card when that is another one.
std::vector<SeriesCheck> check_run(const record::Run&, const std::vector<KernelModel>&,
                                   const Filter&);

}  // namespace mlawave::model
