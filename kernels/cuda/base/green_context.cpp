#include "kernels/cuda/base/green_context.h"

#include <fmt/format.h>

#include "kernels/cuda/base/driver.h"
#include "kernels/cuda/base/error.h"

namespace mlawave::cuda {
namespace {

// Green contexts came with CUDA 12.4, their streams with 12.5.
struct Driver {
  decltype(cuDeviceGetDevResource)* get_resource =
      driver_function<decltype(cuDeviceGetDevResource)>("cuDeviceGetDevResource", 12040);
  decltype(cuDevSmResourceSplitByCount)* split =
      driver_function<decltype(cuDevSmResourceSplitByCount)>("cuDevSmResourceSplitByCount", 12040);
  decltype(cuDevResourceGenerateDesc)* describe =
      driver_function<decltype(cuDevResourceGenerateDesc)>("cuDevResourceGenerateDesc", 12040);
  decltype(cuGreenCtxCreate)* create =
      driver_function<decltype(cuGreenCtxCreate)>("cuGreenCtxCreate", 12040);
  decltype(cuGreenCtxDestroy)* destroy =
      driver_function<decltype(cuGreenCtxDestroy)>("cuGreenCtxDestroy", 12040);
  decltype(cuGreenCtxGetDevResource)* context_resource =
      driver_function<decltype(cuGreenCtxGetDevResource)>("cuGreenCtxGetDevResource", 12040);
  decltype(cuGreenCtxStreamCreate)* create_stream =
      driver_function<decltype(cuGreenCtxStreamCreate)>("cuGreenCtxStreamCreate", 12050);

  bool complete() const {
    return get_resource && split && describe && create && destroy && context_resource &&
           create_stream;
  }
};

const Driver& driver() {
  static const Driver found;
  return found;
}

int device_sms(int device) {
  int sms = 0;
  MLAWAVE_CUDA_CHECK(cudaDeviceGetAttribute(&sms, cudaDevAttrMultiProcessorCount, device));
  return sms;
}

CUdevResource whole_device(int device) {
  CUdevResource all{};
  MLAWAVE_CUDA_CHECK(driver().get_resource(device, &all, CU_DEV_RESOURCE_TYPE_SM));
  return all;
}

// smCount 0 when the driver refuses.
CUdevResource cut(const CUdevResource& all, int sms) {
  if (static_cast<int>(all.sm.smCount) == sms) return all;
  CUdevResource part{};
  unsigned groups = 1;
  const CUresult result = driver().split(&part, &groups, &all, nullptr,
                                         CU_DEV_SM_RESOURCE_SPLIT_IGNORE_SM_COSCHEDULING, sms);
  if (result != CUDA_SUCCESS || groups != 1) part.sm.smCount = 0;
  return part;
}

int largest_exact_below(const CUdevResource& all, int sms) {
  for (int n = sms - 1; n > 0; --n)
    if (static_cast<int>(cut(all, n).sm.smCount) == n) return n;
  return 0;
}

[[noreturn]] void refuse(const CUdevResource& all, int sms) {
  const int total = static_cast<int>(all.sm.smCount);
  const int below = largest_exact_below(all, sms);
  int above = static_cast<int>(cut(all, sms).sm.smCount);
  if (above <= sms) above = total;
  throw ImpossibleSmCount(
      below > 0
          ? fmt::format(
                "this GPU cannot make a partition of {} SMs; the nearest counts are {} and {}", sms,
                below, above)
          : fmt::format("this GPU cannot make a partition of {} SMs; the smallest count is {}", sms,
                        above));
}

}  // namespace

SmLimits sm_limits(int device) {
  SmLimits limits;
  limits.sms = device_sms(device);
  if (!driver().complete()) {
    limits.why_not = "the driver has no green contexts (CUDA 12.5 and later have)";
    return limits;
  }
  MLAWAVE_CUDA_CHECK(cudaFree(nullptr));  // makes the primary context, once
  CUdevResource all{};
  if (driver().get_resource(device, &all, CU_DEV_RESOURCE_TYPE_SM) != CUDA_SUCCESS) {
    limits.why_not = "the driver cannot partition this GPU";
    return limits;
  }
  limits.can_partition = true;
  limits.min_partition_sms = static_cast<int>(all.sm.minSmPartitionSize);
  limits.coscheduled_alignment = static_cast<int>(all.sm.smCoscheduledAlignment);
  return limits;
}

int granted_sms(int device, int sms) {
  return static_cast<int>(cut(whole_device(device), sms).sm.smCount);
}

void GreenContextDestroyer::operator()(CUgreenCtx context) const noexcept {
  MLAWAVE_CUDA_LOG(driver().destroy(context));
}

SmSlice::SmSlice(int device, int sms) {
  const SmLimits limits = sm_limits(device);
  if (sms < 0 || sms > limits.sms)
    throw ImpossibleSmCount(fmt::format("{} SMs asked, this GPU has {}; expected 1 to {}", sms,
                                        limits.sms, limits.sms));
  sms_ = sms == 0 ? limits.sms : sms;
  if (limits.can_partition)
    make_partition(device);
  else
    make_grid();
}

void SmSlice::make_partition(int device) {
  const CUdevResource all = whole_device(device);
  CUdevResource part = cut(all, sms_);
  if (static_cast<int>(part.sm.smCount) != sms_) refuse(all, sms_);
  CUdevResourceDesc description{};
  MLAWAVE_CUDA_CHECK(driver().describe(&description, &part, 1));
  CUgreenCtx context{};
  MLAWAVE_CUDA_CHECK(driver().create(&context, description, device, CU_GREEN_CTX_DEFAULT_STREAM));
  context_.reset(context);
  CUstream stream{};
  MLAWAVE_CUDA_CHECK(driver().create_stream(&stream, context, CU_STREAM_NON_BLOCKING, 0));
  stream_.reset(stream);
  CUdevResource made{};
  MLAWAVE_CUDA_CHECK(driver().context_resource(context, &made, CU_DEV_RESOURCE_TYPE_SM));
  sms_ = static_cast<int>(made.sm.smCount);
  mode_ = SliceMode::partition;
}

void SmSlice::make_grid() {
  stream_ = make_stream();
  mode_ = SliceMode::grid;
}

}  // namespace mlawave::cuda
