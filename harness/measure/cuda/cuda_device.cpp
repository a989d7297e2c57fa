#include "harness/measure/cuda/cuda_device.h"

#include "harness/env/cuda/device_info.h"
#include "harness/measure/cuda/ceilings.h"
#include "kernels/cuda/base/sm_ids.h"

namespace mlawave::measure {
namespace {

constexpr int kCtasPerSmToSeeAll = 4;

cuda::SmSlice make_slice(int device, int sms) {
  try {
    return cuda::SmSlice(device, sms);
  } catch (const cuda::ImpossibleSmCount& e) {
    throw Unavailable(e.what());
  }
}

cuda::DeviceProperties select_device(int index) {
  cuda::DeviceProperties properties = cuda::query_device(index);
  MLAWAVE_CUDA_CHECK(cudaSetDevice(index));
  return properties;
}

}  // namespace

std::unique_ptr<Device> make_cuda_device(int index) { return std::make_unique<CudaDevice>(index); }

CudaSlice::CudaSlice(int device, int sms) : slice_(make_slice(device, sms)) {
  const bool is_partition = slice_.mode() == cuda::SliceMode::partition;
  partition_.sms_asked = sms;
  partition_.sms = slice_.sms();
  partition_.mode = is_partition ? record::SmMode::partition : record::SmMode::grid;
  partition_.sm_ids =
      cuda::sm_ids(slice_.stream(), slice_.sms() * (is_partition ? kCtasPerSmToSeeAll : 1));
}

void CudaSlice::synchronize() { MLAWAVE_CUDA_CHECK(cudaStreamSynchronize(slice_.stream())); }

CudaDevice::CudaDevice(int index)
    : properties_(select_device(index)),
      nvml_(properties_.uuid),
      info_(env::device_info(properties_, nvml_)),
      stream_(cuda::make_stream()) {
  memory_.stream = stream_.get();
  memory_.l2_bytes = properties_.l2_bytes;
  clockwork_.nvml = &nvml_;
  clockwork_.l2_bytes = properties_.l2_bytes;
  clockwork_.sms = properties_.sms;
}

Slice& CudaDevice::slice(int sms) {
  std::unique_ptr<CudaSlice>& slot = slices_[sms];
  if (!slot) slot = std::make_unique<CudaSlice>(properties_.index, sms);
  return *slot;
}

std::unique_ptr<Workload> CudaDevice::load(const api::MlaProblem& problem,
                                           const workload::FillSpec& spec) {
  return std::make_unique<CudaWorkload>(memory_, problem, spec);
}

std::unique_ptr<Timer> CudaDevice::timer(Slice& slice, Workload& workload, Launch launch,
                                         const TimerSpec& spec) {
  return std::make_unique<CudaTimer>(clockwork_, slice, dynamic_cast<CudaWorkload&>(workload),
                                     std::move(launch), spec);
}

record::Sensors CudaDevice::sensors() { return env::read_sensors(nvml_); }

record::Ceilings CudaDevice::ceilings() {
  info_.ceilings = measure_ceilings(properties_.sms, stream_.get());
  return info_.ceilings;
}

}  // namespace mlawave::measure
