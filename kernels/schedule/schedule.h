// How units of work are dealt to slots. One truth, used by the CUDA kernels, the CPU kernels, the
// time model and the explanation.
//
//   unit   = one (request, head tile, chunk of `chunk` KV tokens): the scheduling quantum
//   slot   = one place where a CTA can be resident: SMs × CTAs per SM (CPU: worker threads)
//   order  = request, then tile, then chunk (chunk fastest), numbered 0 .. units-1
//
//   stream_k  slot b takes the contiguous units [b·U/S, (b+1)·U/S)      (llama.cpp's rule)
//   wave      slot b takes units b, b+S, b+2S, …
//   split_kv  each (request, tile) is cut into a fixed number of contiguous parts; part i goes to
//             slot i mod S                                               (flash-decoding's rule)
//   balanced  contiguous ranges in granules of 8 tokens whose begins a search chose, so that the
//             costliest slot costs least; a cut has a price (balance.h). R ranges go to the
//             slots as R units of stream_k do: those without work are spread, not the last
//
// Everything here is constexpr and runs on host and device; arrays are borrowed views.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#ifdef __CUDACC__
#define MLAWAVE_HD __host__ __device__
#else
#define MLAWAVE_HD
#endif

namespace mlawave::schedule {

enum class Kind { stream_k, wave, split_kv, balanced };
inline constexpr Kind kAllKinds[] = {Kind::stream_k, Kind::wave, Kind::split_kv, Kind::balanced};

std::string_view to_string(Kind);
std::optional<Kind> parse_kind(std::string_view);

inline constexpr int kMinChunk = 32;
inline constexpr int kMaxChunk = 4096;
inline constexpr int kGranule =
    8;  // the chunk of `balanced`: what the copy engine's swizzle repeats in

// Whether the chunk is the caller's to choose.
constexpr bool takes_chunk(Kind kind) { return kind != Kind::balanced; }

// Whether max_load steps where boundary() says.
constexpr bool has_boundaries(Kind kind) { return kind == Kind::stream_k || kind == Kind::wave; }

struct Policy {
  Kind kind = Kind::stream_k;
  int chunk = 256;  // KV tokens in a unit: a multiple of 32, 32..4096; kGranule for balanced
  int splits = 16;  // parts per (request, tile); split_kv only
};

MLAWAVE_HD constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

// Largest n_kv (batch 1) with max_load = m under stream_k and wave; the next chunk is slower.
MLAWAVE_HD constexpr std::int64_t boundary(std::int64_t m, std::int64_t chunk, std::int64_t slots,
                                           std::int64_t n_tiles) {
  return chunk * (m * slots / n_tiles);
}

// The work of one launch. `chunk_prefix[r]` counts the chunks, `part_prefix[r]` the parts of one
// tile, of the requests before r (see Work below).
struct WorkView {
  Kind kind = Kind::stream_k;
  int batch = 0;
  int n_tiles = 0;
  int slots = 0;
  int splits = 0;
  const std::int64_t* chunk_prefix = nullptr;  // [batch + 1]
  const std::int64_t* part_prefix = nullptr;   // [batch + 1]; wave and split_kv
  int ranges = 0;                              // at most `slots`; balanced
  const std::int64_t* range_begin = nullptr;   // [ranges + 1] first unit of each; balanced

  MLAWAVE_HD constexpr std::int64_t units() const { return chunk_prefix[batch] * n_tiles; }
  MLAWAVE_HD constexpr std::int64_t chunks(int r) const {
    return chunk_prefix[r + 1] - chunk_prefix[r];
  }
};

// The chunks begin, begin + stride, … (count of them) of one tile, done by one slot in one go.
struct Segment {
  int request = 0;
  int tile = 0;
  std::int64_t begin = 0;
  std::int64_t count = 0;
  std::int64_t stride = 1;
  std::int64_t partial = -1;  // where the partial result goes; -1: the whole tile, write the output
};

namespace detail {

// Request that holds position `at` of a prefix array scaled by n_tiles; requests with nothing are
// never returned.
MLAWAVE_HD constexpr int find_request(const std::int64_t* prefix, int batch, int n_tiles,
                                      std::int64_t at) {
  int lo = 0, hi = batch;  // invariant: prefix[lo]·n_tiles <= at < prefix[hi]·n_tiles
  while (hi - lo > 1) {
    const int mid = (lo + hi) / 2;
    (prefix[mid] * n_tiles <= at ? lo : hi) = mid;
  }
  return lo;
}

// Contiguous ranges (stream_k: one a slot; balanced): the first unit of a range, the range of a
// unit, and the first range that is on a slot or a later one.
MLAWAVE_HD constexpr std::int64_t range_begin(const WorkView& w, std::int64_t range) {
  return w.kind == Kind::balanced ? w.range_begin[range] : range * w.units() / w.slots;
}

MLAWAVE_HD constexpr std::int64_t range_of(const WorkView& w, std::int64_t unit) {
  if (w.kind != Kind::balanced) return ((unit + 1) * w.slots - 1) / w.units();
  return find_request(w.range_begin, w.ranges, 1, unit);
}

MLAWAVE_HD constexpr std::int64_t range_from(const WorkView& w, std::int64_t slot) {
  return w.kind == Kind::balanced ? slot * w.ranges / w.slots : slot;
}

// With no more units than slots a slot of stream_k has one unit, which names its result.
MLAWAVE_HD constexpr bool units_name_partials(const WorkView& w) {
  return w.kind == Kind::stream_k && w.units() <= w.slots;
}

struct TileAt {  // the (request, tile) that holds a unit, and the tile's own units
  int request, tile;
  std::int64_t first, chunks;
};

MLAWAVE_HD constexpr TileAt tile_at(const WorkView& w, std::int64_t unit) {
  const int r = find_request(w.chunk_prefix, w.batch, w.n_tiles, unit);
  const std::int64_t c = w.chunks(r);
  const std::int64_t base = w.chunk_prefix[r] * w.n_tiles;
  const int t = static_cast<int>((unit - base) / c);
  return {r, t, base + t * c, c};
}

}  // namespace detail

// Walks the segments of one slot, in order.
class SlotWalk {
 public:
  MLAWAVE_HD constexpr SlotWalk(const WorkView& work, int slot) : w_(work) {
    switch (w_.kind) {
      case Kind::stream_k:
      case Kind::balanced:
        range_ = detail::range_from(w_, slot);
        at_ = detail::range_begin(w_, range_);
        end_ = detail::range_begin(w_, detail::range_from(w_, slot + 1));
        break;
      case Kind::wave:
        at_ = slot;
        end_ = w_.units();
        break;
      case Kind::split_kv:
        at_ = slot;
        end_ = w_.part_prefix[w_.batch] * w_.n_tiles;
        break;
    }
  }

  MLAWAVE_HD constexpr bool next(Segment& s) {
    if (at_ >= end_) return false;
    switch (w_.kind) {
      case Kind::stream_k:
      case Kind::balanced:
        next_of_range(s);
        break;
      case Kind::wave:
        next_wave(s);
        break;
      case Kind::split_kv:
        next_split_kv(s);
        break;
    }
    return true;
  }

 private:
  MLAWAVE_HD constexpr void next_of_range(Segment& s) {
    const auto tile = detail::tile_at(w_, at_);
    const std::int64_t tile_end = tile.first + tile.chunks;
    const std::int64_t stop = tile_end < end_ ? tile_end : end_;
    s = {tile.request, tile.tile, at_ - tile.first, stop - at_, 1, -1};
    if (s.count != tile.chunks) {
      // A range cuts at most two tiles: the one it starts in and the one it ends in.
      const bool starts_here = at_ == detail::range_begin(w_, range_);
      s.partial = detail::units_name_partials(w_) ? at_ : 2 * range_ + !starts_here;
    }
    at_ = stop;
  }

  MLAWAVE_HD constexpr void next_wave(Segment& s) {
    const auto tile = detail::tile_at(w_, at_);
    const std::int64_t count = ceil_div(tile.first + tile.chunks - at_, w_.slots);
    s = {tile.request, tile.tile, at_ - tile.first, count, w_.slots, -1};
    const std::int64_t parts = w_.part_prefix[tile.request + 1] - w_.part_prefix[tile.request];
    if (parts > 1)
      s.partial = w_.part_prefix[tile.request] * w_.n_tiles + tile.tile * parts + s.begin;
    at_ += count * w_.slots;
  }

  MLAWAVE_HD constexpr void next_split_kv(Segment& s) {
    const int r = detail::find_request(w_.part_prefix, w_.batch, w_.n_tiles, at_);
    const std::int64_t parts = w_.part_prefix[r + 1] - w_.part_prefix[r];
    const std::int64_t local = at_ - w_.part_prefix[r] * w_.n_tiles;
    const std::int64_t part = local % parts;
    const std::int64_t c = w_.chunks(r);
    s = {r, static_cast<int>(local / parts), part * c / parts, 0, 1, parts > 1 ? at_ : -1};
    s.count = (part + 1) * c / parts - s.begin;
    at_ += w_.slots;
  }

  WorkView w_;
  std::int64_t range_ = 0;
  std::int64_t at_ = 0, end_ = 0;
};

// The partial results of one (request, tile), in the order of their tokens, so that a sum over k is
// the same at every run.
struct Parts {
  std::int64_t count = 0;  // 0: empty request; 1: nothing to combine
  std::int64_t first = 0;
  std::int64_t second = 0;
  std::int64_t stride = 1;
  MLAWAVE_HD constexpr std::int64_t at(std::int64_t k) const {
    return k == 0 ? first : second + (k - 1) * stride;
  }
};

MLAWAVE_HD constexpr Parts parts_of(const WorkView& w, int request, int tile) {
  const std::int64_t c = w.chunks(request);
  if (c == 0) return {};
  if (w.kind == Kind::wave || w.kind == Kind::split_kv) {
    const std::int64_t parts = w.part_prefix[request + 1] - w.part_prefix[request];
    const std::int64_t first = w.part_prefix[request] * w.n_tiles + tile * parts;
    return {parts, first, first + 1, 1};
  }
  const std::int64_t first = w.chunk_prefix[request] * w.n_tiles + tile * c;
  if (detail::units_name_partials(w)) return {c, first, first + 1, 1};
  const std::int64_t range = detail::range_of(w, first);
  const std::int64_t count = detail::range_of(w, first + c - 1) - range + 1;
  const int side = detail::range_begin(w, range) >= first ? 0 : 1;
  return {count, 2 * range + side, 2 * (range + 1), 2};
}

// Owner of the arrays behind a WorkView.
class Work {
 public:
  // `rows_per_cta` (query rows) and `memory_thousandths`: see balance_cost(); balanced only.
  Work(const Policy&, const std::vector<std::int64_t>& n_kv, int n_tiles, int slots,
       int rows_per_cta = 16, int memory_thousandths = 0);
  WorkView view() const;  // host pointers into this object
  std::int64_t units() const { return view().units(); }
  std::int64_t max_load() const;       // units on the busiest slot
  std::int64_t partials() const;       // results to store, 0 when no tile is cut
  std::int64_t partial_slots() const;  // size of the partial array: largest partial index + 1
  const std::vector<std::int64_t>& chunk_prefix() const { return chunk_prefix_; }
  const std::vector<std::int64_t>& part_prefix() const { return part_prefix_; }

 private:
  Policy policy_;
  int n_tiles_, slots_;
  std::vector<std::int64_t> chunk_prefix_, part_prefix_, range_begin_;
};

}  // namespace mlawave::schedule
