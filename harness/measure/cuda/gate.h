// Holds a stream back until the host says go, so that a batch of launches is queued before its
// first one starts and the host's launch gaps stay out of the time.
#pragma once

#include <cuda_runtime_api.h>

#include "kernels/cuda/base/buffer.h"

namespace mlawave::measure {

// Written by the waiting kernel, read and written by the host.
struct GateState {
  unsigned opened;       // by the host: gates up to this number
  unsigned timed_out;    // by the kernel: number of the last gate that gave up
  long long cycles, ns;  // by the kernel: how long the last gate waited, in SM clocks and in time
};

class Gate {
 public:
  Gate();

  // Enqueues a kernel of one thread that waits for open(), but at least 20 µs and at most 0.1 s:
  // with CUDA_LAUNCH_BLOCKING or under a profiler the host never gets to open().
  void close(cudaStream_t);
  void open() noexcept;

  // Of the last gate; after the stream was synchronised.
  bool timed_out() const;
  // The SM's clock while the gate was shut, by its own cycle counter.
  int sm_clock_mhz() const;

 private:
  cuda::PinnedBuffer<GateState> state_;
  unsigned number_ = 0;
};

// Closes a gate for a scope and opens it at the end at the latest, also when a launch throws.
class ClosedGate {
 public:
  ClosedGate(Gate& gate, cudaStream_t stream) : gate_(gate) { gate_.close(stream); }
  ~ClosedGate() { gate_.open(); }
  ClosedGate(const ClosedGate&) = delete;
  ClosedGate& operator=(const ClosedGate&) = delete;

 private:
  Gate& gate_;
};

}  // namespace mlawave::measure
