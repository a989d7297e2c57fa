// What is known of SMs, CTAs and tiles, who said it, and what must be searched.
#pragma once

#include <optional>
#include <string>

#include "harness/analysis/explain.h"
#include "harness/analysis/hypothesis.h"
#include "harness/model/gpus.h"

namespace mlawave::analysis {

struct Setting {
  Scope scope;
  std::optional<model::Gpu> gpu;
  bool sms_known = false;
  std::string sms_source;  // "given", "of the RTX 4080, named in the file name"
  bool no_sms = false;     // a CPU run of somebody else's: nothing to count
};

Setting setting_of(const Series&, const Question&);

}  // namespace mlawave::analysis
