#include "harness/measure/cuda/cuda_workload.h"

#include <algorithm>
#include <vector>

#include "harness/workload/block_table.h"
#include "kernels/cuda/base/error.h"

namespace mlawave::measure {
namespace {

constexpr std::int64_t kBytesPerElement = 2;
// Left for kernels' workspaces, the reference's scores and the driver.
constexpr std::int64_t kWorkspaceBytes = std::int64_t{1} << 30;

std::int64_t query_rows(const api::MlaProblem& p) { return std::int64_t{p.batch()} * p.rows(); }

PoolNeeds needs_of(const api::MlaProblem& p, bool separate_v, int copies) {
  PoolNeeds needs;
  needs.kv = p.kv_rows() * api::kDQk * copies;
  needs.v = separate_v ? p.kv_rows() * api::kDV * copies : 0;
  needs.q = query_rows(p) * api::kDQk;
  needs.out = query_rows(p) * api::kDV;
  needs.lse = query_rows(p);
  needs.block_table = p.batch() * p.max_pages();
  return needs;
}

template <class T>
std::vector<T> download(const T* device, std::int64_t count, cudaStream_t stream) {
  std::vector<T> host(static_cast<std::size_t>(count));
  if (count > 0)
    MLAWAVE_CUDA_CHECK(
        cudaMemcpyAsync(host.data(), device, count * sizeof(T), cudaMemcpyDeviceToHost, stream));
  MLAWAVE_CUDA_CHECK(cudaStreamSynchronize(stream));
  return host;
}

}  // namespace

std::int64_t touched_bytes(const api::MlaProblem& p, bool separate_v) {
  return kBytesPerElement * p.total_kv() * (api::kDQk + (separate_v ? api::kDV : 0));
}

int cold_copies(const api::MlaProblem& p, bool separate_v, std::int64_t l2_bytes) {
  const std::int64_t bytes = touched_bytes(p, separate_v);
  if (bytes == 0) return 1;
  const std::int64_t copies = schedule::ceil_div(workload::kColdL2Multiple * l2_bytes, bytes);
  return static_cast<int>(std::clamp<std::int64_t>(copies, 1, kMaxCopies));
}

CudaWorkload::CudaWorkload(CudaMemory& memory, const api::MlaProblem& problem,
                           const workload::FillSpec& spec)
    : memory_(memory), problem_(problem), spec_(spec) {
  const int copies = is_cold() ? cold_copies(problem, spec.separate_v, memory.l2_bytes) : 1;
  const std::int64_t answer_bytes = 8 * (out_elements() + lse_elements());
  memory.pool.reserve(needs_of(problem, spec.separate_v, copies), kWorkspaceBytes + answer_bytes);
  kv_ = {memory.pool.kv(), problem.kv_rows() * api::kDQk, copies};
  upload_block_table();
  fill_kv(kv_, problem, tensors(0), spec.seed, memory.stream);
  fill_q(memory.pool.q(), problem, spec.seed, memory.stream);
  if (spec.separate_v) {
    v_ = {memory.pool.v(), problem.kv_rows() * api::kDV, copies};
    fill_v(v_, kv_, problem, memory.stream);
  }
  MLAWAVE_CUDA_CHECK(cudaStreamSynchronize(memory.stream));
}

// Complete on return: the host's table ends here.
void CudaWorkload::upload_block_table() {
  const std::vector<std::int32_t> table = workload::block_table(problem_, spec_.seed);
  if (table.empty()) return;
  MLAWAVE_CUDA_CHECK(cudaMemcpyAsync(memory_.pool.block_table(), table.data(),
                                     table.size() * sizeof(table[0]), cudaMemcpyHostToDevice,
                                     memory_.stream));
  MLAWAVE_CUDA_CHECK(cudaStreamSynchronize(memory_.stream));
}

std::int64_t CudaWorkload::out_elements() const { return query_rows(problem_) * api::kDV; }
std::int64_t CudaWorkload::lse_elements() const { return query_rows(problem_); }

api::MlaTensors CudaWorkload::tensors(int copy) const {
  api::MlaTensors t;
  t.q = memory_.pool.q();
  t.kv = kv_.first + copy * kv_.elements;
  t.v = spec_.separate_v ? v_.first + copy * v_.elements : nullptr;
  t.out = memory_.pool.out();
  t.lse = reinterpret_cast<float*>(memory_.pool.lse());
  t.block_table = problem_.page_size > 0 ? memory_.pool.block_table() : nullptr;
  return t;
}

void CudaWorkload::poison_output() {
  fill_bits(memory_.pool.out(), out_elements(), workload::kPoison16, memory_.stream);
  fill_bits(memory_.pool.lse(), lse_elements(), workload::kPoison32, memory_.stream);
  MLAWAVE_CUDA_CHECK(cudaStreamSynchronize(memory_.stream));
}

workload::Output CudaWorkload::read_output() {
  const auto out = download(memory_.pool.out(), out_elements(), memory_.stream);
  const auto lse = download(memory_.pool.lse(), lse_elements(), memory_.stream);
  return workload::decode_output(out, lse, problem_.dtype);
}

workload::Output CudaWorkload::reference() {
  mlawave::reference::Answer answer =
      memory_.reference.compute(problem_, tensors(0), memory_.stream);
  return {std::move(answer.out), std::move(answer.lse), 0};
}

std::int64_t CudaWorkload::rotation_bytes() const {
  return touched_bytes(problem_, spec_.separate_v) * copies();
}

int CudaWorkload::next_copy() {
  const int copy = next_;
  next_ = (next_ + 1) % copies();
  return copy;
}

}  // namespace mlawave::measure
