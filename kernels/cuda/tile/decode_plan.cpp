#include "kernels/cuda/tile/decode_plan.h"

#include <cuda_runtime.h>
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "kernels/cuda/base/error.h"
#include "kernels/cuda/combine/combine.h"

namespace mlawave::cuda {
namespace {

int compute_capability_major() {
  int device = 0, major = 0;
  MLAWAVE_CUDA_CHECK(cudaGetDevice(&device));
  MLAWAVE_CUDA_CHECK(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device));
  return major;
}

template <class T>
Buffer<T> upload(const std::vector<T>& host) {
  Buffer<T> device(host.size());
  if (!host.empty())
    MLAWAVE_CUDA_CHECK(
        cudaMemcpy(device.data(), host.data(), host.size() * sizeof(T), cudaMemcpyHostToDevice));
  return device;
}

}  // namespace

DecodePlan::DecodePlan(const api::PlanRequest& request, const TileShape& shape)
    : dtype_(request.problem.dtype) {
  const api::MlaProblem& p = request.problem;
  const int n_tiles = static_cast<int>(schedule::ceil_div(p.rows(), shape.rows_per_tile));
  const int slots = request.sms * shape.ctas_per_sm / shape.ctas_per_tile;
  const schedule::Work work(request.policy, p.n_kv, n_tiles, slots);
  const schedule::WorkView host = work.view();

  std::vector<CutTile> cut;
  for (int r = 0; r < host.batch; ++r)
    for (int t = 0; t < n_tiles; ++t)
      if (const schedule::Parts parts = schedule::parts_of(host, r, t); parts.count > 1) {
        cut.push_back({r, t, parts});
        max_parts_ = std::max(max_parts_, static_cast<int>(parts.count));
      }

  std::vector<std::int64_t> numbers = work.chunk_prefix();
  numbers.insert(numbers.end(), work.part_prefix().begin(), work.part_prefix().end());
  numbers.insert(numbers.end(), p.n_kv.begin(), p.n_kv.end());
  numbers.insert(numbers.end(), p.kv_begin.begin(), p.kv_begin.end());
  numbers_ = upload(numbers);
  cut_tiles_ = upload(cut);
  const std::int64_t partial_rows = work.partial_slots() * shape.rows_per_tile;
  partial_o_ = Buffer<float>(partial_rows * api::kDV);
  partial_ml_ = Buffer<float2>(partial_rows);

  args_.work = host;
  args_.work.chunk_prefix = numbers_.data();
  args_.work.part_prefix = numbers_.data() + host.batch + 1;
  args_.n_kv = numbers_.data() + 2 * (host.batch + 1);
  args_.kv_begin = args_.n_kv + host.batch;
  args_.cut_tiles = cut_tiles_.data();
  args_.cut_tile_count = static_cast<int>(cut.size());
  args_.partial_o = partial_o_.data();
  args_.partial_ml = partial_ml_.data();
  args_.chunk = request.policy.chunk;
  args_.heads = p.heads;
  args_.s_q = p.s_q;
  args_.v_column = api::v_column(p.layout);
  args_.scale_log2 = p.scale * 1.44269504088896f;
  args_.has_empty = std::find(p.n_kv.begin(), p.n_kv.end(), 0) != p.n_kv.end();
  args_.is_small = host.batch <= kSmallBatch && cut.size() <= kSmallCut;
  if (args_.is_small) {
    std::copy_n(host.chunk_prefix, host.batch + 1, args_.small.chunk_prefix);
    std::copy_n(host.part_prefix, host.batch + 1, args_.small.part_prefix);
    std::copy(p.n_kv.begin(), p.n_kv.end(), args_.small.n_kv);
    std::copy(p.kv_begin.begin(), p.kv_begin.end(), args_.small.kv_begin);
    std::copy(cut.begin(), cut.end(), args_.small.cut_tiles);
  }
  dependent_launch_ = compute_capability_major() >= 9;

  info_.rows_per_tile = shape.rows_per_tile;
  info_.n_tiles = n_tiles;
  info_.sms = request.sms;
  info_.ctas_per_sm = shape.ctas_per_sm;
  info_.ctas_per_tile = shape.ctas_per_tile;
  info_.slots = slots;
  info_.units = work.units();
  info_.max_load = work.max_load();
  info_.partials = work.partials();
  info_.workspace_bytes = static_cast<std::int64_t>(partial_rows * (api::kDV + 2) * sizeof(float) +
                                                    numbers.size() * sizeof(std::int64_t) +
                                                    cut.size() * sizeof(CutTile));
  info_.shared_bytes_per_cta = shape.shared_bytes_per_cta;
  info_.registers_per_thread = shape.registers_per_thread;
  info_.threads_per_cta = shape.threads_per_cta;
}

void DecodePlan::launch(const api::MlaTensors& tensors, api::Phase phase, api::Stream stream) {
  DecodeArgs args = args_;
  args.q = tensors.q;
  args.kv = tensors.kv;
  args.v = tensors.v;
  args.out = tensors.out;
  args.lse = tensors.lse;
  launch_main(args, stream);
  if (phase == api::Phase::whole)
    launch_combine(args, dtype_, info_.rows_per_tile, max_parts_, dependent_launch_, stream);
}

}  // namespace mlawave::cuda
