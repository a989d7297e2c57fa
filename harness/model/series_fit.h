// The time model of one curve, fitted:
//
//   t = t_launch + t_unit · core(units, slots) + t_part · parts              a kernel
//   t = t_launch + t_unit · core(units, slots) + t_token · tokens + t_root · √tokens
//                                                 a whole model: its smooth part may level off
//
//   core, `rounds`: full rounds of all slots, then one round of the units left over
//       floor(units/slots) · max(1, κ)  +  max(1, κ · left/slots)
//   core, `overlap`: memory and the busiest slot at the same time
//       max(κ · units/slots, max_load)
//
// κ is the memory's time for a full round over a unit's own time. κ <= 1: the curve is a staircase
// of max_load. κ > 1: memory-bound; a straggler runs faster once the others are done, so a step is
// less than 1/m of the time. t_token: what grows with n_kv outside the schedule (whole models).
// The null model has units/slots in place of the core: no steps.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "harness/model/load.h"

namespace mlawave::model {

enum class Core { rounds, overlap };
std::string_view to_string(Core);

double core_of(Core, double kappa, const Load&);

struct SeriesFit {
  Core core = Core::rounds;
  double kappa = 0;
  double t_launch_us = 0, t_unit_us = 0, t_part_us = 0, t_token_us = 0, t_root_us = 0;
  double r2 = 0;
  double heldout_error = 0;  // mean |error| / time of every fifth row, left out in turn
  double null_r2 = 0;
  double null_p = 1;  // F-test; rows taken as independent

  double predict_us(const Load&) const;
};

struct FitRow {
  Load load;
  double time_us = 0;
};

// At least 8 rows, times above 0. `whole_model`: with the token term, and no combine term.
SeriesFit fit_series(std::span<const FitRow>, bool whole_model);

}  // namespace mlawave::model
