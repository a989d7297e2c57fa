#include "kernels/cuda/tile/decode_plan.h"

#include <cuda_runtime.h>

#include <algorithm>
#include <bit>
#include <numeric>
#include <vector>

#include "kernels/cuda/base/error.h"
#include "kernels/cuda/combine/combine.h"

namespace mlawave::cuda {
namespace {

int attribute(cudaDeviceAttr which) {
  int device = 0, value = 0;
  MLAWAVE_CUDA_CHECK(cudaGetDevice(&device));
  MLAWAVE_CUDA_CHECK(cudaDeviceGetAttribute(&value, which, device));
  return value;
}

// Nine tenths of what clock and bus say: what an H100 reads at best.
double readable_gb_per_s() {
  const double khz = attribute(cudaDevAttrMemoryClockRate);
  return 0.9 * 2 * khz * 1e3 * attribute(cudaDevAttrGlobalMemoryBusWidth) / 8 / 1e9;
}

std::int64_t cache_bytes(const api::MlaProblem& p) {
  return std::reduce(p.n_kv.begin(), p.n_kv.end()) * api::kDQk * 2;
}

template <class T>
Buffer<T> upload(const std::vector<T>& host) {
  Buffer<T> device(host.size());
  if (!host.empty())
    MLAWAVE_CUDA_CHECK(
        cudaMemcpy(device.data(), host.data(), host.size() * sizeof(T), cudaMemcpyHostToDevice));
  return device;
}

std::vector<CutTile> cut_tiles_of(const schedule::WorkView& view) {
  std::vector<CutTile> cut;
  for (int r = 0; r < view.batch; ++r)
    for (int t = 0; t < view.n_tiles; ++t)
      if (const schedule::Parts parts = schedule::parts_of(view, r, t); parts.count > 1)
        cut.push_back(cut_tile_of(r, t, parts));
  return cut;
}

}  // namespace

DecodePlan::DecodePlan(const api::PlanRequest& request, const TileShape& shape)
    : dtype_(request.problem.dtype), paged_(request.problem.page_size > 0) {
  const api::MlaProblem& p = request.problem;
  info_.rows_per_tile = shape.rows_per_tile;
  info_.n_tiles = static_cast<int>(schedule::ceil_div(p.rows(), shape.rows_per_tile));
  info_.sms = request.sms;
  info_.ctas_per_sm = shape.ctas_per_sm;
  info_.ctas_per_tile = shape.ctas_per_tile;
  info_.slots = request.sms * shape.ctas_per_sm / shape.ctas_per_tile;
  info_.shared_bytes_per_cta = shape.shared_bytes_per_cta;
  info_.registers_per_thread = shape.registers_per_thread;
  info_.threads_per_cta = shape.threads_per_cta;
  info_.planned_on_device = request.policy.kind == schedule::Kind::balanced;

  const int rows_per_cta = shape.rows_per_tile / shape.ctas_per_tile;
  const int memory = schedule::memory_thousandths(shape.step_ns, readable_gb_per_s());
  const schedule::Work work(request.policy, p.n_kv, info_.n_tiles, info_.slots, rows_per_cta,
                            memory);
  info_.units = work.units();
  info_.max_load = work.max_load();
  info_.partials = work.partials();

  args_.max_pages = p.max_pages();
  args_.page_shift = std::countr_zero(std::max(1u, static_cast<unsigned>(p.page_size)));
  args_.batch = p.batch();
  args_.run_step = request.policy.chunk * info_.slots;
  args_.heads = p.heads;
  args_.s_q = p.s_q;
  args_.v_column = api::v_column(p.layout);
  args_.scale_log2 = p.scale * 1.44269504088896f;
  args_.has_empty = std::find(p.n_kv.begin(), p.n_kv.end(), 0) != p.n_kv.end();
  args_.evict_first =
      shape.reads_once && info_.n_tiles == 1 && cache_bytes(p) > attribute(cudaDevAttrL2CacheSize);
  info_.evict_first = args_.evict_first;
  planner_.cost = schedule::balance_cost(rows_per_cta, memory);
  make_tables(request, work);
  // A kernel's stream does not wait for copies and kernels of this one.
  MLAWAVE_CUDA_CHECK(cudaStreamSynchronize(nullptr));
  const std::int64_t partial_rows = work.partial_slots() * shape.rows_per_tile;
  args_.partials = shape.partials;
  if (shape.partials != PartialFormat::f32) {
    packed_o_ = Buffer<uint4>(partial_rows * kPackedRow);
    packed_scale_ = Buffer<float>(partial_rows * kRowScales);
    args_.packed = {packed_o_.data(), packed_scale_.data()};
  } else {
    partial_o_ = Buffer<float>(partial_rows * api::kDV);
  }
  partial_ml_ = Buffer<float2>(partial_rows);
  args_.partial_o = partial_o_.data();
  args_.partial_ml = partial_ml_.data();
  has_dependent_launch_ = attribute(cudaDevAttrComputeCapabilityMajor) >= 9;
  info_.workspace_bytes = static_cast<std::int64_t>(
      partial_o_.bytes() + packed_o_.bytes() + packed_scale_.bytes() + partial_ml_.bytes() +
      numbers_.bytes() + segments_.bytes() + cut_tiles_.bytes());
}

void DecodePlan::make_tables(const api::PlanRequest& request, const schedule::Work& work) {
  const api::MlaProblem& p = request.problem;
  const std::vector<CutTile> cut = cut_tiles_of(work.view());
  const auto segments = segment_table(work, p, request.policy.chunk);
  cut_tile_count_ = static_cast<int>(cut.size());
  for (const CutTile& tile : cut) max_parts_ = std::max(max_parts_, tile.parts);

  std::vector<std::int64_t> numbers = p.n_kv;
  numbers.insert(numbers.end(), p.kv_begin.begin(), p.kv_begin.end());
  numbers.resize(3 * p.batch() + 1 + info_.slots + 1);  // kv_begin of a paged cache: zeros
  numbers_ = upload(numbers);
  args_.n_kv = numbers_.data();
  if (info_.planned_on_device) return make_planner(work);
  segments_ = upload(segments);
  cut_tiles_ = upload(cut);
  args_.tables = {segments_.data(), cut_tiles_.data()};
  args_.is_small = segments.size() <= kSmallSegments && cut.size() <= kSmallCut;
  if (!args_.is_small) return;
  std::copy(segments.begin(), segments.end(), args_.small.segments);
  std::copy(cut.begin(), cut.end(), args_.small.cut_tiles);
}

void DecodePlan::make_planner(const schedule::Work& work) {
  const schedule::WorkView view = work.view();
  const std::size_t tiles = static_cast<std::size_t>(view.batch) * view.n_tiles;
  segments_ = Buffer<SegmentEntry>(view.slots + tiles);
  cut_tiles_ = Buffer<CutTile>(std::min<std::size_t>(view.slots, tiles));
  args_.tables = {segments_.data(), cut_tiles_.data()};
  planner_.n_kv = numbers_.data();
  planner_.kv_begin = numbers_.data() + view.batch;
  planner_.chunk_prefix = numbers_.data() + 2 * view.batch;
  planner_.range_begin = planner_.chunk_prefix + view.batch + 1;
  planner_.segments = segments_.data();
  planner_.cut_tiles = cut_tiles_.data();
  planner_.most_cut_tiles = static_cast<int>(cut_tiles_.size());
  planner_.batch = view.batch;
  planner_.n_tiles = view.n_tiles;
  planner_.slots = view.slots;
  launch_planner(planner_, nullptr);
}

void DecodePlan::launch(const api::MlaTensors& tensors, api::Phase phase, api::Stream stream) {
  if (phase == api::Phase::schedule) {
    if (info_.planned_on_device) launch_planner(planner_, stream), tables_are_new_ = true;
    return;
  }
  DecodeArgs args = args_;
  args.q = tensors.q;
  args.kv = tensors.kv;
  args.v = tensors.v;
  args.out = tensors.out;
  args.lse = tensors.lse;
  args.block_table = paged_ ? tensors.block_table : nullptr;
  // The main phase reads its tables while the kernel in front may still run: not right behind the
  // planner. Behind another main phase the planner has ended, since that one has waited for it.
  launch_main(args, has_dependent_launch_ && !tables_are_new_, stream);
  tables_are_new_ = false;
  if (phase == api::Phase::whole)
    launch_combine(args, dtype_, info_.rows_per_tile, max_parts_, cut_tile_count_, info_.sms,
                   has_dependent_launch_, stream);
}

}  // namespace mlawave::cuda
