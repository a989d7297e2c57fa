// The fp64 answers already computed: a sweep meets the same problem at every SM count, and the
// oracle is slow.
#pragma once

#include <cstdint>
#include <list>
#include <string>

#include "harness/workload/output.h"
#include "kernels/api/kernel.h"

namespace mlawave::measure {

class ReferenceCache {
 public:
  // `tensors` hold the contents that `seed` makes (see harness/workload/fill.h).
  const workload::Output& get(const api::MlaProblem&, std::uint64_t seed,
                              const api::MlaTensors& tensors);

  static constexpr std::size_t kMaxBytes = std::size_t{256} << 20;

 private:
  struct Known {
    std::string key;
    workload::Output answer;
  };
  void forget_oldest();

  std::list<Known> known_;  // last used first
};

}  // namespace mlawave::measure
