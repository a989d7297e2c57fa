// The oracle: MLA attention in fp64 on the CPU, as the formula reads, slow and obvious.
//   s_t = scale · q·k_t,  p_t = exp(s_t - max s) / Σ exp(s - max s),  out = Σ p_t v_t,
//   lse = max s + log Σ exp(s - max s)
// over the tokens that a query row sees (MlaProblem::visible).
#pragma once

#include <vector>

#include "kernels/api/kernel.h"
#include "kernels/api/problem.h"

namespace mlawave::reference {

struct Answer {
  std::vector<double> out;  // [batch, s_q, heads, 512]; 0 where a row sees no token
  std::vector<double> lse;  // [batch, s_q, heads], natural log; -inf where a row sees no token
};

// Reads q and kv (host pointers, element type problem.dtype) as widened to double, of a paged cache
// through block_table; V is the columns of kv that the layout names.
Answer attention(const api::MlaProblem&, const api::MlaTensors&);

}  // namespace mlawave::reference
