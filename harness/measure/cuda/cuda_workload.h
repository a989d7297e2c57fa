// One problem's tensors in device memory.
#pragma once

#include <cuda_runtime_api.h>

#include "harness/measure/cuda/fill.h"
#include "harness/measure/cuda/pool.h"
#include "harness/measure/device.h"
#include "kernels/cuda/reference/reference.h"

namespace mlawave::measure {

// What a workload borrows from its device.
struct CudaMemory {
  Pool pool;
  cuda::Reference reference;
  cudaStream_t stream = nullptr;  // of the whole device
  std::int64_t l2_bytes = 0;
};

// Copies so that the rows that are read come to at least 4 × L2 in all; 1 when hot. At most
// kMaxCopies: smaller caches are made cold by a flush before each sample (see CudaTimer).
inline constexpr int kMaxCopies = 1024;
int cold_copies(const api::MlaProblem&, bool separate_v, std::int64_t l2_bytes);
// Bytes of the cache that one launch reads.
std::int64_t touched_bytes(const api::MlaProblem&, bool separate_v);

class CudaWorkload : public Workload {
 public:
  CudaWorkload(CudaMemory&, const api::MlaProblem&, const workload::FillSpec&);

  int copies() const override { return kv_.count; }
  api::MlaTensors tensors(int copy) const override;
  void poison_output() override;
  workload::Output read_output() override;
  workload::Output reference() override;

  bool is_cold() const { return spec_.cache == config::Cache::cold; }
  // Bytes that all copies together read: what a full rotation brings through the L2.
  std::int64_t rotation_bytes() const;
  // The copy after the last one handed out; all timers of the workload share the rotation.
  int next_copy();

 private:
  void upload_block_table();
  std::int64_t out_elements() const;
  std::int64_t lse_elements() const;

  CudaMemory& memory_;
  api::MlaProblem problem_;
  workload::FillSpec spec_;
  Copies kv_, v_;
  int next_ = 0;
};

}  // namespace mlawave::measure
