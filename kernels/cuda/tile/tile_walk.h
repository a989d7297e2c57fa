// The KV tiles of one slot in order, across the borders of segments, so that loads can run ahead.
#pragma once

#include "kernels/cuda/tile/decode_args.h"
#include "kernels/schedule/schedule.h"

namespace mlawave::cuda {

struct KvTile {
  std::int64_t row;  // first cache row
  int token;         // its token index in the request
  int count;         // valid tokens, 1..Tokens
  bool first, last;  // of its segment
};

template <int Tokens>
class TileWalk {
 public:
  __device__ TileWalk(const DecodeArgs& args, int slot) : args_(args), walk_(args.tables(), slot) {}

  __device__ bool next(KvTile& tile) {
    if (!inside_ && !enter()) return false;
    tile.first = token_ == segment_start_ && run_ == 0;
    tile.token = token_;
    tile.row = base_ + token_;
    tile.count = min(Tokens, run_end_ - token_);
    token_ += Tokens;
    if (token_ >= run_end_) {
      ++run_;
      inside_ = run_ < runs_;
      if (inside_) start_run();
    }
    tile.last = !inside_;
    return true;
  }

  // The segment of the tile that next() gave last.
  __device__ const schedule::Segment& segment() const { return segment_; }
  __device__ int n_kv() const { return n_kv_; }

 private:
  __device__ bool enter() {
    if (!walk_.next(segment_)) return false;
    // Neighbouring chunks are one run, so that a tile may span the border between two.
    runs_ = segment_.stride == 1 ? 1 : segment_.count;
    run_tokens_ = args_.chunk * static_cast<int>(segment_.count / runs_);
    n_kv_ = static_cast<int>(args_.tokens_of(segment_.request));
    base_ = args_.first_row_of(segment_.request);
    run_ = 0;
    inside_ = true;
    start_run();
    segment_start_ = token_;
    return true;
  }

  __device__ void start_run() {
    token_ = static_cast<int>((segment_.begin + run_ * segment_.stride) * args_.chunk);
    run_end_ = min(token_ + run_tokens_, n_kv_);
  }

  const DecodeArgs& args_;
  schedule::SlotWalk walk_;
  schedule::Segment segment_;
  std::int64_t base_ = 0;
  std::int64_t run_ = 0, runs_ = 0;
  int n_kv_ = 0, run_tokens_ = 0, token_ = 0, run_end_ = 0, segment_start_ = 0;
  bool inside_ = false;
};

}  // namespace mlawave::cuda
