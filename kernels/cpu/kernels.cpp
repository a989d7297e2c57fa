#include "kernels/cpu/kernels.h"

#include <algorithm>
#include <barrier>
#include <cmath>
#include <functional>
#include <limits>

#include "kernels/api/cache_rows.h"
#include "kernels/api/half.h"
#include "kernels/cpu/tile_ops.h"
#include "kernels/cpu/worker_pool.h"

namespace mlawave::cpu {
namespace {

using api::kDQk;
using api::kDV;

enum class VSource { reload, reuse };

// What a worker computes with; about 220 KB, meant to stay in its L2.
struct alignas(64) Scratch {
  float q[kRows * kDQk];
  float k[kTokens * kDQk];
  float v[kTokens * kDQk];  // reload only; the columns of V where k has them
  float s[kRows * kTokens];
  float o[kRows * kDV];
  float m[kRows], l[kRows];
};

struct alignas(64) Partial {
  float o[kRows * kDV];  // not normalised
  float m[kRows], l[kRows];
};

struct Cache {  // of one request
  const std::uint16_t* kv;
  api::CacheRows rows;
  const std::uint16_t* at(std::int64_t token) const { return kv + rows[token] * kDQk; }
};

class CpuPlan final : public api::Plan {
 public:
  CpuPlan(const api::PlanRequest& request, VSource v)
      : problem_(request.problem),
        policy_(request.policy),
        v_source_(v),
        n_tiles_(static_cast<int>(schedule::ceil_div(problem_.rows(), kRows))),
        work_(policy_, problem_.n_kv, n_tiles_, request.sms),
        partials_(work_.partial_slots()),
        scratch_(request.sms),
        pool_(request.sms),
        main_done_(request.sms) {
    info_.rows_per_tile = kRows;
    info_.n_tiles = n_tiles_;
    info_.sms = info_.slots = request.sms;
    info_.ctas_per_sm = 1;
    info_.units = work_.units();
    info_.max_load = work_.max_load();
    info_.partials = work_.partials();
    info_.workspace_bytes = static_cast<std::int64_t>(partials_.size() * sizeof(Partial) +
                                                      scratch_.size() * sizeof(Scratch));
    const schedule::WorkView view = work_.view();
    for (int r = 0; r < view.batch; ++r)
      for (int t = 0; t < n_tiles_; ++t)
        if (const auto parts = schedule::parts_of(view, r, t); parts.count > 1)
          cut_.push_back({r, t, parts});
  }

  const api::PlanInfo& info() const override { return info_; }

  void launch(const api::MlaTensors& tensors, api::Phase phase, api::Stream) override {
    if (phase == api::Phase::schedule) return;
    const auto job = [&](int worker) {
      do_slot(tensors, worker);
      if (phase == api::Phase::main || cut_.empty()) return;
      main_done_.arrive_and_wait();
      for (std::size_t i = worker; i < cut_.size() * kRows; i += pool_.size())
        combine_row(tensors, cut_[i / kRows], static_cast<int>(i % kRows));
    };
    pool_.run(std::cref(job));  // a copy would be allocated
  }

 private:
  struct CutTile {
    int request, tile;
    schedule::Parts parts;
  };

  void do_slot(const api::MlaTensors& tensors, int slot) {
    write_empty(tensors, slot);
    schedule::Segment segment;
    for (schedule::SlotWalk walk(work_.view(), slot); walk.next(segment);)
      do_segment(tensors, segment, scratch_[slot]);
  }

  // Requests without a token have no unit; they are dealt to the workers here.
  void write_empty(const api::MlaTensors& tensors, int worker) {
    for (int r = worker; r < problem_.batch(); r += pool_.size()) {
      if (problem_.n_kv[r] != 0) continue;
      for (int row = 0; row < problem_.rows(); ++row) write_row(tensors, r, row, nullptr, 0, 0);
    }
  }

  void do_segment(const api::MlaTensors& tensors, const schedule::Segment& segment, Scratch& w) {
    load_q(tensors, segment, w.q);
    std::fill_n(w.o, kRows * kDV, 0.f);
    std::fill_n(w.m, kRows, -std::numeric_limits<float>::infinity());
    std::fill_n(w.l, kRows, 0.f);
    const Cache cache{static_cast<const std::uint16_t*>(tensors.kv),
                      api::cache_rows(problem_, tensors, segment.request)};
    const std::int64_t n = problem_.n_kv[segment.request];
    // Neighbouring chunks are one run, so that a tile may span the border between two.
    const std::int64_t runs = segment.stride == 1 ? 1 : segment.count;
    const std::int64_t run_tokens = segment.count / runs * policy_.chunk;
    for (std::int64_t i = 0; i < runs; ++i) {
      const std::int64_t first = (segment.begin + i * segment.stride) * policy_.chunk;
      const std::int64_t last = std::min(first + run_tokens, n);
      for (std::int64_t token = first; token < last; token += kTokens)
        do_tile(cache, segment, token,
                static_cast<int>(std::min<std::int64_t>(kTokens, last - token)), w);
    }
    if (segment.partial >= 0) {
      Partial& partial = partials_[segment.partial];
      std::copy_n(w.o, kRows * kDV, partial.o);
      std::copy_n(w.m, kRows, partial.m);
      std::copy_n(w.l, kRows, partial.l);
    } else {
      for (int row = 0; row < kRows; ++row)
        write_row(tensors, segment.request, segment.tile * kRows + row, w.o + row * kDV, w.m[row],
                  w.l[row]);
    }
  }

  void do_tile(const Cache& cache, const schedule::Segment& segment, std::int64_t token, int count,
               Scratch& w) {
    for (int t = 0, n; t < count; t += n) {
      n = cache.rows.neighbours(token + t, count - t);
      widen(cache.at(token + t), w.k + t * kDQk, static_cast<std::size_t>(n) * kDQk,
            problem_.dtype);
    }
    std::fill_n(w.k + count * kDQk, (kTokens - count) * kDQk, 0.f);
    score(w.q, w.k, next_tile(cache, token + kTokens, problem_.n_kv[segment.request]), w.s);
    int visible[kRows];
    for (int row = 0; row < kRows; ++row) {
      const int query = std::min(segment.tile * kRows + row, problem_.rows() - 1) / problem_.heads;
      visible[row] = static_cast<int>(
          std::clamp<std::int64_t>(problem_.visible(segment.request, query) - token, 0, count));
    }
    soften(w.s, visible, problem_.scale, w.m, w.l, w.o);
    const int column = api::v_column(problem_.layout);
    if (v_source_ == VSource::reload) {
      for (int t = 0; t < count; ++t)
        widen(cache.at(token + t) + column, w.v + t * kDQk + column, kDV, problem_.dtype);
      std::fill_n(w.v + count * kDQk, (kTokens - count) * kDQk, 0.f);
    }
    add_values(w.s, (v_source_ == VSource::reload ? w.v : w.k) + column, w.o);
  }

  // A whole tile whose rows lie one behind the other, to be fetched ahead; null: the next one is
  // not.
  static const std::uint16_t* next_tile(const Cache& cache, std::int64_t token, std::int64_t n_kv) {
    if (token + kTokens > n_kv || cache.rows.neighbours(token, kTokens) < kTokens) return nullptr;
    return cache.at(token);
  }

  void load_q(const api::MlaTensors& tensors, const schedule::Segment& segment, float* q) const {
    const int first = segment.tile * kRows;
    const int rows = std::min(kRows, problem_.rows() - first);
    const auto* from =
        static_cast<const std::uint16_t*>(tensors.q) +
        (static_cast<std::int64_t>(segment.request) * problem_.rows() + first) * kDQk;
    widen(from, q, static_cast<std::size_t>(rows) * kDQk, problem_.dtype);
    std::fill_n(q + rows * kDQk, (kRows - rows) * kDQk, 0.f);
  }

  // Parts are added in the order of their tokens: the same bits at every run.
  void combine_row(const api::MlaTensors& tensors, const CutTile& cut, int row) const {
    float m = -std::numeric_limits<float>::infinity(), l = 0, o[kDV] = {};
    for (std::int64_t k = 0; k < cut.parts.count; ++k)
      m = std::max(m, partials_[cut.parts.at(k)].m[row]);
    for (std::int64_t k = 0; k < cut.parts.count; ++k) {
      const Partial& part = partials_[cut.parts.at(k)];
      if (part.l[row] == 0) continue;
      const float weight = std::exp(part.m[row] - m);
      l += weight * part.l[row];
      for (int d = 0; d < kDV; ++d) o[d] += weight * part.o[row * kDV + d];
    }
    write_row(tensors, cut.request, cut.tile * kRows + row, o, m, l);
  }

  // o / l and m + log l; zeros and -inf where l is 0, nothing for the padding of the last tile.
  void write_row(const api::MlaTensors& tensors, int request, int row, const float* o, float m,
                 float l) const {
    if (row >= problem_.rows()) return;
    const std::int64_t at = static_cast<std::int64_t>(request) * problem_.rows() + row;
    auto* out = static_cast<std::uint16_t*>(tensors.out) + at * kDV;
    for (int d = 0; d < kDV; ++d) out[d] = l != 0 ? api::from_float(o[d] / l, problem_.dtype) : 0;
    tensors.lse[at] = l != 0 ? m + std::log(l) : -std::numeric_limits<float>::infinity();
  }

  api::MlaProblem problem_;
  schedule::Policy policy_;
  VSource v_source_;
  int n_tiles_;
  schedule::Work work_;
  std::vector<Partial> partials_;
  std::vector<Scratch> scratch_;
  std::vector<CutTile> cut_;
  WorkerPool pool_;
  std::barrier<> main_done_;
  api::PlanInfo info_;
};

class CpuKernel final : public api::Kernel {
 public:
  CpuKernel(std::string_view name, std::string_view description, VSource v)
      : name_(name), description_(description), v_source_(v) {}
  std::string_view name() const override { return name_; }
  std::string_view description() const override { return description_; }
  api::Backend backend() const override { return api::Backend::cpu; }

  api::Support supports(const api::PlanRequest& request) const override {
    const int cpus = static_cast<int>(available_cpus().size());
    if (request.sms > cpus)
      return {false, std::to_string(request.sms) + " worker threads: this machine has " +
                         std::to_string(cpus) + " CPUs"};
    return api::check_limits(request);
  }

  std::unique_ptr<api::Plan> plan(const api::PlanRequest& request) const override {
    return std::make_unique<CpuPlan>(request, v_source_);
  }

 private:
  std::string_view name_, description_;
  VSource v_source_;
};

}  // namespace

const api::Kernel& baseline() {
  static const CpuKernel kernel("baseline", "16 rows, SIMD, V converted again from the K cache",
                                VSource::reload);
  return kernel;
}

const api::Kernel& tile_reuse() {
  static const CpuKernel kernel("tile_reuse", "16 rows, SIMD, V read from the converted K tile",
                                VSource::reuse);
  return kernel;
}

}  // namespace mlawave::cpu
