// Holds a stream back until the host says go, so that a batch of launches is queued before its
// first one starts and the host's launch gaps stay out of the time.
#pragma once

#include <cuda_runtime_api.h>

#include "kernels/cuda/base/buffer.h"

namespace mlawave::measure {

// An SM's cycle counter and the time, or what passed between two readings of them.
struct Instant {
  long long cycle, ns;
};

// `opened` is written by the host, the rest by the kernels.
struct GateState {
  unsigned opened;              // gates up to this number
  unsigned timed_out;           // number of the last gate that gave up
  unsigned stamped;             // number of the last gate that has an `ended_at`
  unsigned sm;                  // where the last gate ran
  Instant waited;               // how long the last gate was shut
  Instant opened_at, ended_at;  // on its SM
};

class Gate {
 public:
  Gate();

  // Enqueues a kernel of one thread that waits for open(), but at least 20 µs and at most 0.1 s:
  // with CUDA_LAUNCH_BLOCKING or under a profiler the host never gets to open().
  void close(cudaStream_t);
  void open() noexcept;

  // Enqueues the reading of the clock at the end of what the gate let through. `sms`: of the
  // stream, so that each of as many CTAs takes an SM.
  void stamp(int sms, cudaStream_t);

  // Of the last gate; after the stream was synchronised.
  bool timed_out() const;
  // The SM's clock by its own cycle counter, from the gate's opening to the stamp: under the load
  // of what was timed. Of less than 20 µs, or without a stamp: while the gate was shut.
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
