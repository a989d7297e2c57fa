// One problem's tensors in host memory.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/measure/cpu/arena.h"
#include "harness/measure/cpu/reference_cache.h"
#include "harness/measure/device.h"

namespace mlawave::measure {

struct CpuMemory {
  Arena arena;
  ReferenceCache references;
  std::int64_t cache_bytes = 0;  // last-level cache
};

class CpuWorkload : public Workload {
 public:
  // Throws NotEnoughMemory.
  CpuWorkload(CpuMemory&, const api::MlaProblem&, const workload::FillSpec&);

  int copies() const override { return copies_; }
  api::MlaTensors tensors(int copy) const override;
  void poison_output() override;
  workload::Output read_output() override;
  workload::Output reference() override;

  // The copy after the last one handed out; all timers of the workload share the rotation.
  int next_copy();

 private:
  void fill();

  CpuMemory& memory_;
  api::MlaProblem problem_;
  workload::FillSpec spec_;
  std::vector<std::int32_t> block_table_;  // of all copies
  int copies_ = 1, next_ = 0;
  std::int64_t kv_elements_, v_elements_, q_elements_, out_elements_, lse_elements_;
  std::uint16_t *kv_ = nullptr, *v_ = nullptr, *q_ = nullptr, *out_ = nullptr;
  std::uint32_t* lse_ = nullptr;  // bits of float
};

// Caches to rotate over: their read bytes are at least 4 × the last-level cache, and at least two,
// since a large cache's end would still be there at the next launch. 1 when hot.
int copies_for(const api::MlaProblem&, const workload::FillSpec&, std::int64_t cache_bytes);

}  // namespace mlawave::measure
