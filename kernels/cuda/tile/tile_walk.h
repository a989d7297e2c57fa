// The KV tiles of one slot in order, across the borders of segments, so that loads can run ahead.
#pragma once

#include "kernels/cuda/tile/decode_args.h"

namespace mlawave::cuda {

struct KvTile {
  int row;           // first cache row; of a paged cache: token
  int token;         // its token index in the request
  int count;         // valid tokens, 1..Tokens
  bool first, last;  // of its segment
};

// What does not fill a tile comes first in its run: its arithmetic is done while the tiles behind
// it arrive, where at the end nothing would hide it. With `aligned` the tiles begin at multiples of
// Tokens instead, so that a page of as many is a tile.
template <int Tokens>
class TileWalk {
 public:
  __device__ TileWalk(const DecodeArgs& args, int slot, bool aligned = false)
      : args_(args), aligned_(aligned), segment_(args.segment(slot)), runs_(segment_.runs) {
    start_run(segment_.token);
  }

  __device__ bool next(KvTile& tile) {
    if (runs_ == 0 && !enter()) return false;
    tile.first = is_first_;
    tile.token = token_;
    tile.row = segment_.row + token_;
    tile.count = min(next_count_, run_end_ - token_);
    next_count_ = Tokens;
    token_ += tile.count;
    is_first_ = false;
    if (token_ == run_end_ && --runs_ > 0) start_run(run_ + args_.run_step);
    tile.last = runs_ == 0;
    return true;
  }

  // The segment of the tile that next() gave last.
  __device__ const SegmentEntry& segment() const { return segment_; }

 private:
  __device__ bool enter() {
    if (segment_.next < 0) return false;
    segment_ = args_.segment(segment_.next);
    runs_ = segment_.runs;
    is_first_ = true;
    start_run(segment_.token);
    return true;
  }

  __device__ void start_run(int token) {
    run_ = token_ = token;
    run_end_ = min(run_ + segment_.run_tokens, segment_.n_kv);
    next_count_ = aligned_ ? Tokens - run_ % Tokens : (run_end_ - run_ - 1) % Tokens + 1;
  }

  const DecodeArgs& args_;
  const bool aligned_;
  SegmentEntry segment_;
  int runs_;
  int run_ = 0, token_ = 0, run_end_ = 0, next_count_ = 0;
  bool is_first_ = true;
};

}  // namespace mlawave::cuda
