#include "harness/measure/cuda/cuda_timer.h"

#include <cstdio>

#include "harness/measure/cuda/read.h"

namespace mlawave::measure {
namespace {

constexpr int kRandomByte = 0x3a;
// Behind a shut gate the driver queues about a thousand kernels, then the host waits; a launch may
// be several. From here on the rest is queued while the first ones run.
constexpr int kMaxQueued = 128;

struct GraphOwner {
  using pointer = cudaGraph_t;
  void operator()(cudaGraph_t g) const noexcept { MLAWAVE_CUDA_LOG(cudaGraphDestroy(g)); }
};

// Ends a capture that an exception would leave open.
class Capture {
 public:
  explicit Capture(cudaStream_t stream) : stream_(stream) {
    MLAWAVE_CUDA_CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
  }
  std::unique_ptr<cudaGraph_t, GraphOwner> finish() {
    cudaGraph_t graph = nullptr;
    ended_ = true;
    MLAWAVE_CUDA_CHECK(cudaStreamEndCapture(stream_, &graph));
    return std::unique_ptr<cudaGraph_t, GraphOwner>(graph);
  }
  ~Capture() {
    cudaGraph_t graph = nullptr;
    if (ended_) return;
    if (cudaStreamEndCapture(stream_, &graph) == cudaSuccess && graph) cudaGraphDestroy(graph);
    cudaGetLastError();
  }

 private:
  cudaStream_t stream_;
  bool ended_ = false;
};

}  // namespace

CudaTimer::CudaTimer(CudaClockwork& shared, Slice& slice, CudaWorkload& workload, Launch launch,
                     const TimerSpec& spec)
    : shared_(shared),
      slice_(slice),
      workload_(workload),
      launch_(std::move(launch)),
      spec_(spec),
      begin_(cuda::make_event()),
      end_(cuda::make_event()) {
  if (spec_.timing == config::Timing::graph) capture();
}

void CudaTimer::capture() {
  Capture capture(slice_.stream());
  for (int i = 0; i < spec_.launches; ++i) launch_(workload_.tensors(i % workload_.copies()));
  const auto graph = capture.finish();
  cudaGraphExec_t executable = nullptr;
  MLAWAVE_CUDA_CHECK(cudaGraphInstantiate(&executable, graph.get(), 0));
  graph_.reset(executable);
  MLAWAVE_CUDA_CHECK(cudaGraphUpload(executable, slice_.stream()));
}

void CudaTimer::enqueue() {
  if (graph_) {
    MLAWAVE_CUDA_CHECK(cudaGraphLaunch(graph_.get(), slice_.stream()));
    return;
  }
  for (int i = 0; i < spec_.launches; ++i) {
    if (i == kMaxQueued) shared_.gate.open();
    launch_(workload_.tensors(workload_.next_copy()));
  }
}

bool CudaTimer::needs_flush() const {
  if (!workload_.is_cold() || workload_.rotation_bytes() == 0) return false;
  const std::int64_t enough = workload::kColdL2Multiple * shared_.l2_bytes;
  if (workload_.rotation_bytes() < enough) return true;
  return graph_ && spec_.launches < workload_.copies();
}

void CudaTimer::flush_cache() {
  if (shared_.flush.size() == 0) {
    const std::int64_t bytes =
        schedule::ceil_div(workload::kColdL2Multiple * shared_.l2_bytes, kReadTile) * kReadTile;
    shared_.flush = cuda::Buffer<char>(static_cast<std::size_t>(bytes));
    MLAWAVE_CUDA_CHECK(
        cudaMemsetAsync(shared_.flush.data(), kRandomByte, shared_.flush.bytes(), slice_.stream()));
  }
  read_memory(shared_.flush.data(), static_cast<std::int64_t>(shared_.flush.bytes()), shared_.sms,
              slice_.stream());
}

// A grid slice is a promise of the kernels; its stream has the whole device.
int CudaTimer::stream_sms() const {
  const record::Partition& partition = slice_.partition();
  return partition.mode == record::SmMode::partition ? partition.sms : shared_.sms;
}

double CudaTimer::batch_us() {
  const cudaStream_t stream = slice_.stream();
  if (needs_flush()) flush_cache();
  {
    const ClosedGate gate(shared_.gate, stream);
    if (!shared_.can_queue) shared_.gate.open();
    MLAWAVE_CUDA_CHECK(cudaEventRecord(begin_.get(), stream));
    enqueue();
    MLAWAVE_CUDA_CHECK(cudaEventRecord(end_.get(), stream));
    shared_.gate.stamp(stream_sms(), stream);
  }
  // Asked while the batch runs.
  throttled_ = shared_.nvml->throttle_reasons().value_or(0) & env::kThrottleHarmful;
  MLAWAVE_CUDA_CHECK(cudaStreamSynchronize(stream));
  return cuda::elapsed_us(begin_.get(), end_.get());
}

record::Sample CudaTimer::sample() {
  double total_us = batch_us();
  if (shared_.can_queue && shared_.gate.timed_out()) {
    // Once may be a busy host, or a kernel's first launch: its lazy load waits for the device.
    // Twice in a row is a driver that does not queue.
    total_us = batch_us();
    if (shared_.gate.timed_out()) {
      shared_.can_queue = false;
      std::fprintf(stderr,
                   "mlawave: launches are not queued (a profiler, CUDA_LAUNCH_BLOCKING?): times "
                   "include the host's launch gaps\n");
      total_us = batch_us();
    }
  }
  record::Sample sample;
  sample.time_us = total_us / spec_.launches;
  sample.sm_clock_mhz = shared_.gate.sm_clock_mhz();
  sample.throttled = throttled_;
  return sample;
}

}  // namespace mlawave::measure
