#include <atomic>
#include <cmath>

#include "harness/measure/cuda/gate.h"
#include "kernels/cuda/base/error.h"
#include "kernels/cuda/ptx/special_registers.h"

namespace mlawave::measure {
namespace {

constexpr long long kLeastNs = 20'000;  // %globaltimer ticks at 32 ns: the clock is good to 1 %
constexpr long long kMostNs = 100'000'000;

// Numbers grow and may wrap around.
__host__ __device__ bool has_come(unsigned number, unsigned awaited) {
  return static_cast<int>(number - awaited) >= 0;
}

__global__ void gate_kernel(GateState* state, unsigned number) {
  const long long begin_ns = ptx::global_ns();
  const long long begin_cycle = clock64();
  long long ns = 0;
  bool open = false;
  do {
    open = open || has_come(*static_cast<volatile unsigned*>(&state->opened), number);
    ns = ptx::global_ns() - begin_ns;
  } while (ns < kLeastNs || (!open && ns < kMostNs));
  state->waited = {clock64() - begin_cycle, ns};
  state->sm = ptx::sm_id();
  state->opened_at = {clock64(), ptx::global_ns()};
  if (!open) state->timed_out = number;
}

// Every SM has a cycle counter of its own: the CTA on the gate's SM reads it.
__global__ void stamp_kernel(GateState* state, unsigned number) {
  if (ptx::sm_id() != state->sm) return;
  state->ended_at = {clock64(), ptx::global_ns()};
  state->stamped = number;
}

}  // namespace

Gate::Gate() : state_(1) { *state_.data() = {}; }

void Gate::close(cudaStream_t stream) {
  gate_kernel<<<1, 1, 0, stream>>>(state_.data(), ++number_);
  MLAWAVE_CUDA_CHECK(cudaGetLastError());
}

void Gate::open() noexcept {
  std::atomic_ref(state_.data()->opened).store(number_, std::memory_order_release);
}

bool Gate::timed_out() const {
  return std::atomic_ref(state_.data()->timed_out).load(std::memory_order_acquire) == number_;
}

void Gate::stamp(int sms, cudaStream_t stream) {
  stamp_kernel<<<sms, 1, 0, stream>>>(state_.data(), number_);
  MLAWAVE_CUDA_CHECK(cudaGetLastError());
}

int Gate::sm_clock_mhz() const {
  const GateState& s = *state_.data();
  const Instant since{s.ended_at.cycle - s.opened_at.cycle, s.ended_at.ns - s.opened_at.ns};
  // The end of a batch was not seen where no CTA of stamp() came to the gate's SM.
  const Instant& span = s.stamped == number_ && since.ns >= kLeastNs ? since : s.waited;
  return span.ns > 0 ? static_cast<int>(std::lround(1e3 * static_cast<double>(span.cycle) /
                                                    static_cast<double>(span.ns)))
                     : 0;
}

}  // namespace mlawave::measure
