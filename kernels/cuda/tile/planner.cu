#include "kernels/cuda/base/error.h"
#include "kernels/cuda/tile/planner.h"

namespace mlawave::cuda {
namespace {

constexpr int kThreads = schedule::kCandidates;

// Exclusive prefix sum of one number a thread; `total` comes to all.
__device__ int exclusive_sum(int x, int* sums, int& total) {
  sums[threadIdx.x] = x;
  __syncthreads();
  for (int step = 1; step < kThreads; step *= 2) {
    const int before = threadIdx.x >= step ? sums[threadIdx.x - step] : 0;
    __syncthreads();
    sums[threadIdx.x] += before;
    __syncthreads();
  }
  total = sums[kThreads - 1];
  const int result = sums[threadIdx.x] - x;
  __syncthreads();
  return result;
}

// chunk_prefix: each thread sums a stretch of requests.
__device__ void count_granules(const PlannerArgs& args, std::int64_t* chunk_prefix,
                               std::int64_t* stretch) {
  const int each = (args.batch + kThreads - 1) / kThreads;
  const int first = min(args.batch, static_cast<int>(threadIdx.x) * each);
  const int last = min(args.batch, first + each);
  std::int64_t sum = 0;
  for (int r = first; r < last; ++r) sum += schedule::ceil_div(args.n_kv[r], schedule::kGranule);
  stretch[threadIdx.x] = sum;
  __syncthreads();
  std::int64_t at = 0;
  for (int i = 0; i < static_cast<int>(threadIdx.x); ++i) at += stretch[i];
  for (int r = first; r < last; ++r) {
    chunk_prefix[r] = at;
    at += schedule::ceil_div(args.n_kv[r], schedule::kGranule);
  }
  if (last == args.batch) chunk_prefix[args.batch] = at;  // equal from every thread
  __syncthreads();
}

// Each thread prices one candidate; the cheapest, and of equals the first, wins.
__device__ std::int64_t best_cost(const PlannerArgs& args, const schedule::WorkView& work,
                                  std::int64_t* prices) {
  __shared__ std::int64_t total;
  if (threadIdx.x == 0) total = schedule::total_cost(work, args.cost);
  __syncthreads();
  for (int round = 0;; ++round) {
    prices[threadIdx.x] = schedule::price(
        work, args.cost, schedule::candidate(total, args.slots, round, threadIdx.x));
    __syncthreads();
    int best = -1;
    for (int i = 0; i < kThreads; ++i)
      if (prices[i] >= 0 && (best < 0 || prices[i] < prices[best])) best = i;
    __syncthreads();
    if (best >= 0) return schedule::candidate(total, args.slots, round, best);
  }
}

// Of a slot, behind its first.
__device__ int further_segments(const schedule::WorkView& work, int slot) {
  int n = 0;
  schedule::Segment s;
  if (work.units() > 0)
    for (schedule::SlotWalk walk(work, slot); walk.next(s);) ++n;
  return max(0, n - 1);
}

// The slot's entries, its further ones from number `next` on; returns the next free number.
__device__ int write_segments(const PlannerArgs& args, const schedule::WorkView& work, int slot,
                              int next) {
  SegmentEntry* at = args.segments + slot;
  *at = no_segment();
  bool first = true;
  schedule::Segment s;
  if (work.units() > 0)
    for (schedule::SlotWalk walk(work, slot); walk.next(s); first = false) {
      if (!first) {
        at->next = next;
        at = args.segments + next++;
      }
      *at = segment_entry(s, args.n_kv[s.request], args.kv_begin[s.request], schedule::kGranule);
    }
  return next;
}

__global__ void __launch_bounds__(kThreads, 1) plan(const __grid_constant__ PlannerArgs args) {
  __shared__ int sums[kThreads];
  __shared__ std::int64_t numbers[kThreads];
  extern __shared__ std::int64_t prefixes[];  // where they fit: every thread walks them
  std::int64_t* const chunk_prefix = args.in_shared ? prefixes : args.chunk_prefix;
  std::int64_t* const range_begin = args.in_shared ? prefixes + args.batch + 1 : args.range_begin;
  __shared__ int ranges;
  if (threadIdx.x == 0) ranges = 0;
  count_granules(args, chunk_prefix, numbers);
  schedule::WorkView work;
  work.kind = schedule::Kind::balanced;
  work.batch = args.batch, work.n_tiles = args.n_tiles, work.slots = args.slots;
  work.chunk_prefix = chunk_prefix, work.range_begin = range_begin;
  if (work.units() > 0) {
    const std::int64_t most = best_cost(args, work, numbers);
    if (threadIdx.x == 0) ranges = schedule::deal(work, args.cost, most, range_begin).ranges;
  }
  __syncthreads();
  work.ranges = ranges;

  // Each thread has neighbouring slots, so that the table is the host's.
  const int each = (args.slots + kThreads - 1) / kThreads;
  const int first_slot = min(args.slots, static_cast<int>(threadIdx.x) * each);
  const int last_slot = min(args.slots, first_slot + each);
  int further = 0, total;
  for (int slot = first_slot; slot < last_slot; ++slot) further += further_segments(work, slot);
  int next = args.slots + exclusive_sum(further, sums, total);
  for (int slot = first_slot; slot < last_slot; ++slot)
    next = write_segments(args, work, slot, next);

  // Cut tiles in order; a stretch of tiles a thread.
  const int tiles = args.batch * args.n_tiles, stretch = (tiles + kThreads - 1) / kThreads;
  const int first = min(tiles, static_cast<int>(threadIdx.x) * stretch);
  const int last = min(tiles, first + stretch);
  int cut = 0;
  for (int i = first; i < last; ++i)
    cut += schedule::parts_of(work, i / args.n_tiles, i % args.n_tiles).count > 1;
  int at = exclusive_sum(cut, sums, total);
  for (int i = total + static_cast<int>(threadIdx.x); i < args.most_cut_tiles; i += kThreads)
    args.cut_tiles[i] = {};
  for (int i = first; i < last; ++i) {
    const int request = i / args.n_tiles, tile = i % args.n_tiles;
    const schedule::Parts parts = schedule::parts_of(work, request, tile);
    if (parts.count > 1) args.cut_tiles[at++] = cut_tile_of(request, tile, parts);
  }
}

}  // namespace

void launch_planner(const PlannerArgs& args, cudaStream_t stream) {
  constexpr std::size_t kMostShared = 40 * 1024;
  PlannerArgs a = args;
  const std::size_t bytes =
      (static_cast<std::size_t>(a.batch) + a.slots + 2) * sizeof(std::int64_t);
  a.in_shared = bytes <= kMostShared;
  plan<<<1, kThreads, a.in_shared ? bytes : 0, stream>>>(a);
  MLAWAVE_CUDA_CHECK(cudaGetLastError());
}

}  // namespace mlawave::cuda
