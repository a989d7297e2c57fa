#include "harness/measure/cpu/cpu_workload.h"

#include <algorithm>
#include <cstring>

#include "harness/measure/cpu/parallel.h"
#include "harness/workload/block_table.h"
#include "kernels/api/cache_rows.h"
#include "kernels/api/half.h"

namespace mlawave::measure {
namespace {

using workload::FillSpec;
using workload::Tensor;

constexpr int kMaxCopies = 4096;

std::uint16_t element(const api::MlaProblem& p, std::uint64_t seed, Tensor tensor, std::int64_t i) {
  return api::from_float(workload::value(seed, tensor, static_cast<std::uint64_t>(i)), p.dtype);
}

void fill_kv(std::uint16_t* kv, std::int64_t elements, const api::MlaProblem& p,
             const api::MlaTensors& tensors, std::uint64_t seed) {
  std::fill_n(kv, elements, workload::kNan16);
  for (int r = 0; r < p.batch(); ++r) {
    const api::CacheRows rows = api::cache_rows(p, tensors, r);
    parallel_for(p.n_kv[r], [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t token = begin; token < end; ++token) {
        const std::int64_t first = rows[token] * api::kDQk;
        for (std::int64_t i = first; i < first + api::kDQk; ++i)
          kv[i] = element(p, seed, Tensor::kv, i);
      }
    });
  }
}

void fill_v(std::uint16_t* v, const std::uint16_t* kv, const api::MlaProblem& p) {
  for (std::int64_t row = 0; row < p.kv_rows(); ++row)
    std::copy_n(kv + row * api::kDQk + api::v_column(p.layout), api::kDV, v + row * api::kDV);
}

}  // namespace

int copies_for(const api::MlaProblem& p, const FillSpec& spec, std::int64_t cache_bytes) {
  if (spec.cache == config::Cache::hot) return 1;
  const std::int64_t read_bytes = std::max<std::int64_t>(1, p.total_kv() * api::kDQk * 2);
  const std::int64_t wanted = workload::kColdL2Multiple * cache_bytes / read_bytes + 1;
  return static_cast<int>(std::clamp<std::int64_t>(wanted, 2, kMaxCopies));
}

CpuWorkload::CpuWorkload(CpuMemory& memory, const api::MlaProblem& p, const FillSpec& spec)
    : memory_(memory),
      problem_(p),
      spec_(spec),
      block_table_(workload::block_table(p, spec.seed)),
      copies_(copies_for(p, spec, memory.cache_bytes)),
      kv_elements_(p.kv_rows() * api::kDQk),
      v_elements_(spec.separate_v ? p.kv_rows() * api::kDV : 0),
      q_elements_(std::int64_t{p.batch()} * p.rows() * api::kDQk),
      out_elements_(std::int64_t{p.batch()} * p.rows() * api::kDV),
      lse_elements_(std::int64_t{p.batch()} * p.rows()) {
  const std::int64_t pieces[] = {2 * kv_elements_ * copies_, 2 * v_elements_ * copies_,
                                 2 * q_elements_, 2 * out_elements_, 4 * lse_elements_};
  std::int64_t sum = 0;
  for (std::int64_t bytes : pieces) sum += Arena::rounded(bytes);
  memory_.arena.reset(sum);
  kv_ = static_cast<std::uint16_t*>(memory_.arena.take(pieces[0]));
  v_ = static_cast<std::uint16_t*>(memory_.arena.take(pieces[1]));
  q_ = static_cast<std::uint16_t*>(memory_.arena.take(pieces[2]));
  out_ = static_cast<std::uint16_t*>(memory_.arena.take(pieces[3]));
  lse_ = static_cast<std::uint32_t*>(memory_.arena.take(pieces[4]));
  fill();
}

void CpuWorkload::fill() {
  for (std::int64_t i = 0; i < q_elements_; ++i)
    q_[i] = element(problem_, spec_.seed, Tensor::q, i);
  fill_kv(kv_, kv_elements_, problem_, tensors(0), spec_.seed);
  if (spec_.separate_v) fill_v(v_, kv_, problem_);
  parallel_for(copies_ - 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t copy = begin + 1; copy <= end; ++copy) {
      std::copy_n(kv_, kv_elements_, kv_ + copy * kv_elements_);
      std::copy_n(v_, v_elements_, v_ + copy * v_elements_);
    }
  });
}

api::MlaTensors CpuWorkload::tensors(int copy) const {
  api::MlaTensors t;
  t.q = q_;
  t.kv = kv_ + copy * kv_elements_;
  t.v = spec_.separate_v ? v_ + copy * v_elements_ : nullptr;
  t.out = out_;
  t.lse = reinterpret_cast<float*>(lse_);
  t.block_table = block_table_.empty() ? nullptr : block_table_.data();
  return t;
}

int CpuWorkload::next_copy() {
  const int copy = next_;
  next_ = (next_ + 1) % copies_;
  return copy;
}

void CpuWorkload::poison_output() {
  std::fill_n(out_, out_elements_, workload::kPoison16);
  std::fill_n(lse_, lse_elements_, workload::kPoison32);
}

workload::Output CpuWorkload::read_output() {
  return workload::decode_output({out_, static_cast<std::size_t>(out_elements_)},
                                 {lse_, static_cast<std::size_t>(lse_elements_)}, problem_.dtype);
}

workload::Output CpuWorkload::reference() {
  return memory_.references.get(problem_, spec_.seed, tensors(0));
}

}  // namespace mlawave::measure
