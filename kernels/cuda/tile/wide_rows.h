// What the Hopper kernels with CTAs of 64 query rows agree on.
#pragma once

#include "kernels/api/problem.h"

namespace mlawave::cuda {

inline constexpr int kWideRows = 64;  // query rows of a CTA

// CTAs of a slot, 1, 2 or 4: a head tile holds up to 256 rows, so that a KV tile is read by up to
// four CTAs at about the same time. Three would not be a number of clusters.
inline int wide_group(const api::MlaProblem& p) {
  if (p.rows() <= kWideRows) return 1;
  return p.rows() <= 2 * kWideRows ? 2 : 4;
}

}  // namespace mlawave::cuda
