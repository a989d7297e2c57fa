// What a backend offers the measuring loop. No CUDA here: the CUDA device, the CPU device and the
// tests' fake device implement it; harness/run sees nothing else of them.
//
// One thread uses a device. Errors are thrown: Unavailable and NotEnoughMemory are reasons to skip
// a case; any other std::runtime_error is a failure of the case, after which healthy() says whether
// the device can go on.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "harness/config/sweep_config.h"
#include "harness/record/record.h"
#include "harness/record/run_info.h"
#include "harness/workload/fill.h"
#include "harness/workload/output.h"
#include "kernels/api/kernel.h"

namespace mlawave::measure {

// The device cannot do what was asked; the message says what it can do.
struct Unavailable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct NotEnoughMemory : std::runtime_error {
  NotEnoughMemory(std::int64_t needed, std::int64_t available)
      : std::runtime_error("needs " + std::to_string(needed) + " bytes of device memory, " +
                           std::to_string(available) + " are free"),
        bytes_needed(needed),
        bytes_available(available) {}
  std::int64_t bytes_needed, bytes_available;
};

// A set of SMs (CPU: pinned worker threads) and a stream on it.
class Slice {
 public:
  virtual ~Slice() = default;
  virtual api::Stream stream() const = 0;  // null on the CPU
  virtual const record::Partition& partition() const = 0;
  // Waits for the stream. Throws what went wrong on it.
  virtual void synchronize() = 0;
};

// One problem's memory on the device, filled as harness/workload/fill.h says. Caches (and separate
// V) exist copies() times, with equal contents; q, out and lse are shared by all copies.
class Workload {
 public:
  virtual ~Workload() = default;
  virtual int copies() const = 0;
  virtual api::MlaTensors tensors(int copy) const = 0;  // copy < copies()
  // The three below are complete when they return, and order themselves after work on any slice
  // that was synchronised.
  virtual void poison_output() = 0;  // kPoison16, kPoison32
  virtual workload::Output read_output() = 0;
  // The right answer in fp64, from the same rounded inputs; the caller keeps it.
  virtual workload::Output reference() = 0;
};

// Enqueues one launch on the slice's stream (CPU: runs it).
using Launch = std::function<void(const api::MlaTensors&)>;

struct TimerSpec {
  int launches = 16;  // in one sample
  config::Timing timing = config::Timing::batch;
};

// Times one launch callable. Consecutive samples of all timers of a workload go on rotating over
// its copies, so that a batch shorter than the rotation stays cold too; a graph, whose copies are
// fixed, reads enough other copies before each replay, untimed.
class Timer {
 public:
  virtual ~Timer() = default;
  // One batch: (time from the first launch's start to the last one's end) / launches. The launches
  // are queued before the first one starts, so the host's launch gap stays out.
  virtual record::Sample sample() = 0;
};

class Device {
 public:
  virtual ~Device() = default;
  virtual const record::DeviceInfo& info() const = 0;
  api::Backend backend() const { return info().backend; }

  // sms 0: the whole device. The device owns the slice and hands out the same one for the same
  // count. Throws Unavailable: too many SMs, a count the hardware cannot make (naming the nearest
  // ones it can).
  virtual Slice& slice(int sms) = 0;

  // Throws NotEnoughMemory. At most one workload lives at a time, so its memory can be reused.
  virtual std::unique_ptr<Workload> load(const api::MlaProblem&, const workload::FillSpec&) = 0;

  // Workload and slice outlive the timer.
  virtual std::unique_ptr<Timer> timer(Slice&, Workload&, Launch, const TimerSpec&) = 0;

  virtual record::Sensors sensors() = 0;
  // Measured on the whole device; takes well below a second.
  virtual record::Ceilings ceilings() = 0;
  // False after an error that no later call on this device survives (a sticky CUDA error).
  virtual bool healthy() const = 0;
};

}  // namespace mlawave::measure
