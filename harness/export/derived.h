// What follows from a record by arithmetic. Pure; every figure of a row that is not measured.
#pragma once

#include <optional>

#include "harness/record/record.h"
#include "harness/record/run_info.h"

namespace mlawave::exporting {

// Absent where the record has no time, or where the figure has no meaning.
struct Derived {
  std::optional<double>
      tokens_per_s;                // batch · s_q / time: what this one attention op lets through
  std::optional<double> gb_per_s;  // MlaProblem::bytes() / time: useful bytes, each counted once
  std::optional<double> tflop_per_s;  // MlaProblem::flops() / time
  // Roofline: least possible time at the ceilings / time. Above 1 only when the cache is hot.
  std::optional<double> fraction_of_ceiling;
  std::optional<double> efficiency;   // units / (slots · max_load)
  std::optional<double> main_us;      // median of the main phase's samples
  std::optional<double> schedule_us;  // of the schedule's, made on the device
};

Derived derive(const record::Record&, const record::Ceilings&);

// Those of the device that a backend ran on; zeros when the run does not hold it.
record::Ceilings ceilings_of(const record::RunInfo&, api::Backend);

}  // namespace mlawave::exporting
