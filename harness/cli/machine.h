// The backends that this build and this machine have, each opened when first used.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/config/sweep_config.h"
#include "harness/measure/device.h"
#include "harness/plan/boundaries.h"
#include "kernels/api/kernel.h"

namespace mlawave::cli {

class Machine {
 public:
  static bool built_with_cuda();
  // Why a backend cannot be used here; empty when it can.
  static std::string why_not(api::Backend);

  // Throws config::BadInput when it cannot be used.
  measure::Device& open(api::Backend);
  std::vector<measure::Device*> open_all(const std::vector<api::Backend>&);

 private:
  std::map<api::Backend, std::unique_ptr<measure::Device>> devices_;
};

// Throws config::BadInput for an SM count that none of the devices can make.
void check_sms(const std::vector<int>& sms, const std::vector<measure::Device*>&);

// Asks the kernels for their tiles and CTAs per SM, each question once. Kernels that do not exist
// or do not support the shape predict no boundary.
plan::SlotsOf slots_of_kernels(api::Kernels, std::vector<measure::Device*>);

}  // namespace mlawave::cli
