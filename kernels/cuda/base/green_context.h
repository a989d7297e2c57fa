// A slice of the GPU with an exact number of SMs, and a stream on it.
//
//   partition  a green context: the hardware gives the stream's kernels those SMs and no others
//   grid       an ordinary stream; the caller launches `sms` × (CTAs per SM) CTAs and no more. With
//              one CTA per SM no more than `sms` SMs work (which ones is the hardware's choice);
//              with several the hardware may spread them over more SMs, thinner
//
// Inside a partition %smid keeps the device's numbers and multiProcessorCount stays that of the
// device: schedules must be given the slice's count. L2 and device memory are not partitioned.
// Partitions of less than the device are cut with CU_DEV_SM_RESOURCE_SPLIT_IGNORE_SM_COSCHEDULING,
// which allows finer counts, but clusters of 4 CTAs and more need not fit.
#pragma once

#include <cuda.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/cuda/base/stream.h"

namespace mlawave::cuda {

enum class SliceMode { partition, grid };

// The hardware cannot make that count; the message names the count and the nearest possible ones.
struct ImpossibleSmCount : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// What the driver says about cutting the device.
struct SmLimits {
  int sms = 0;                    // of the device
  bool can_partition = false;     // green contexts work here
  std::string why_not;            // empty when they do
  int min_partition_sms = 0;      // minSmPartitionSize, without the ignore flag
  int coscheduled_alignment = 0;  // smCoscheduledAlignment, without the ignore flag
};

SmLimits sm_limits(int device = 0);

// The count the driver makes when asked for at least `sms` SMs (1 <= sms <= device); 0: none.
int granted_sms(int device, int sms);

struct GreenContextDestroyer {
  using pointer = CUgreenCtx;
  void operator()(CUgreenCtx) const noexcept;
};

class SmSlice {
 public:
  // `sms` 0 or the device's count: all of it. Throws ImpossibleSmCount, CudaError.
  SmSlice(int device, int sms);

  cudaStream_t stream() const { return stream_.get(); }
  int sms() const { return sms_; }  // true count, read back
  SliceMode mode() const { return mode_; }

 private:
  void make_partition(int device);
  void make_grid();

  int sms_ = 0;
  SliceMode mode_ = SliceMode::grid;
  std::unique_ptr<CUgreenCtx, GreenContextDestroyer> context_;
  OwnedStream stream_;  // destroyed before its context
};

}  // namespace mlawave::cuda
