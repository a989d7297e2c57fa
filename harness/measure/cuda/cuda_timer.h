// Times a launch on the device, between two events on the slice's stream.
//
//   batch   gate, begin, launch × n over rotating copies, end; the gate opens when all (of long
//           batches the first 128) are queued
//   graph   the n launches are captured once; gate, begin, replay, end
//
// Cold: no copy is read again before 4 × L2 of others went by. Where the rotation is shorter than
// that (tiny caches; a graph, whose copies are fixed), other memory is read first, untimed.
#pragma once

#include <memory>

#include "harness/env/cuda/nvml.h"
#include "harness/measure/cuda/cuda_workload.h"
#include "harness/measure/cuda/gate.h"
#include "harness/measure/device.h"
#include "kernels/cuda/base/event.h"

namespace mlawave::measure {

struct GraphDestroyer {
  using pointer = cudaGraphExec_t;
  void operator()(cudaGraphExec_t g) const noexcept { MLAWAVE_CUDA_LOG(cudaGraphExecDestroy(g)); }
};

// What all timers of a device share.
struct CudaClockwork {
  Gate gate;
  const env::Nvml* nvml = nullptr;
  bool can_queue = true;     // false once a gate timed out: a profiler, CUDA_LAUNCH_BLOCKING
  cuda::Buffer<char> flush;  // 4 × L2 of memory that no kernel reads; made when first needed
  std::int64_t l2_bytes = 0;
  int sms = 0;
};

class CudaTimer : public Timer {
 public:
  CudaTimer(CudaClockwork&, Slice&, CudaWorkload&, Launch, const TimerSpec&);
  record::Sample sample() override;

 private:
  void capture();
  void enqueue();
  void flush_cache();
  bool needs_flush() const;
  int stream_sms() const;
  double batch_us();  // of all launches

  CudaClockwork& shared_;
  Slice& slice_;
  CudaWorkload& workload_;
  Launch launch_;
  TimerSpec spec_;
  cuda::OwnedEvent begin_, end_;
  std::unique_ptr<cudaGraphExec_t, GraphDestroyer> graph_;
  bool throttled_ = false;
};

}  // namespace mlawave::measure
