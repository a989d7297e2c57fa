#include "harness/measure/cuda/ceilings.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "harness/measure/cuda/matrix.h"
#include "harness/measure/cuda/read.h"
#include "harness/stats/quantiles.h"
#include "kernels/cuda/base/buffer.h"
#include "kernels/cuda/base/device.h"
#include "kernels/cuda/base/event.h"

namespace mlawave::measure {
namespace {

constexpr std::int64_t kReadBytes = std::int64_t{2} << 30;
constexpr int kReads = 11;
constexpr int kMatrixRounds = 2000;      // about 2.4 ms on an H100
constexpr double kMatrixLoadUs = 100e3;  // warm-up before products count, and as long again
constexpr int kRandomByte = 0x3a;

double timed_us(cudaStream_t stream, const std::function<void()>& enqueue) {
  const cuda::OwnedEvent begin = cuda::make_event(), end = cuda::make_event();
  MLAWAVE_CUDA_CHECK(cudaEventRecord(begin.get(), stream));
  enqueue();
  MLAWAVE_CUDA_CHECK(cudaEventRecord(end.get(), stream));
  MLAWAVE_CUDA_CHECK(cudaEventSynchronize(end.get()));
  return cuda::elapsed_us(begin.get(), end.get());
}

double read_gb_per_s(int sms, cudaStream_t stream) {
  const std::int64_t bytes = std::min(kReadBytes, cuda::free_memory() / 4) / kReadTile * kReadTile;
  const cuda::Buffer<char> data(static_cast<std::size_t>(bytes));
  MLAWAVE_CUDA_CHECK(cudaMemsetAsync(data.data(), kRandomByte, data.bytes(), stream));
  std::vector<double> times_us;
  for (int i = 0; i < kReads; ++i)
    times_us.push_back(timed_us(stream, [&] { read_memory(data.data(), bytes, sms, stream); }));
  return static_cast<double>(bytes) / stats::median(times_us) / 1e3;
}

double matrix_tflop_per_s(int sms, cudaStream_t stream) {
  const cuda::Buffer<double> flops_per_round(1);
  std::vector<double> times_us;
  for (double loaded_us = 0; loaded_us < 2 * kMatrixLoadUs;) {
    const double time_us = timed_us(
        stream, [&] { multiply_matrices(sms, kMatrixRounds, flops_per_round.data(), stream); });
    if (loaded_us >= kMatrixLoadUs) times_us.push_back(time_us);
    loaded_us += time_us;
  }
  double flops = 0;
  MLAWAVE_CUDA_CHECK(
      cudaMemcpy(&flops, flops_per_round.data(), sizeof flops, cudaMemcpyDeviceToHost));
  return flops * kMatrixRounds * sms / stats::median(times_us) / 1e6;
}

}  // namespace

record::Ceilings measure_ceilings(int sms, cudaStream_t stream) {
  record::Ceilings ceilings;
  ceilings.read_gb_per_s = read_gb_per_s(sms, stream);
  ceilings.matrix_tflop_per_s = matrix_tflop_per_s(sms, stream);
  return ceilings;
}

}  // namespace mlawave::measure
