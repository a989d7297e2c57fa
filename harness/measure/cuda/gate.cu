#include <atomic>
#include <cmath>

#include "harness/measure/cuda/gate.h"
#include "kernels/cuda/base/error.h"

namespace mlawave::measure {
namespace {

constexpr long long kLeastNs = 20'000;  // %globaltimer ticks at 32 ns: the clock is good to 1 %
constexpr long long kMostNs = 100'000'000;

__device__ long long now_ns() {
  long long t;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(t));
  return t;
}

// Numbers grow and may wrap around.
__host__ __device__ bool has_come(unsigned number, unsigned awaited) {
  return static_cast<int>(number - awaited) >= 0;
}

__global__ void gate_kernel(volatile GateState* state, unsigned number) {
  const long long begin_ns = now_ns();
  const long long begin_cycle = clock64();
  long long ns = 0;
  bool open = false;
  do {
    open = open || has_come(state->opened, number);
    ns = now_ns() - begin_ns;
  } while (ns < kLeastNs || (!open && ns < kMostNs));
  state->cycles = clock64() - begin_cycle;
  state->ns = ns;
  if (!open) state->timed_out = number;
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

int Gate::sm_clock_mhz() const {
  const GateState& s = *state_.data();
  return s.ns > 0 ? static_cast<int>(std::lround(1e3 * static_cast<double>(s.cycles) / s.ns)) : 0;
}

}  // namespace mlawave::measure
