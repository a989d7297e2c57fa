// The host half that every decode kernel shares: the schedule's tables (`balanced`: made on the
// device), the workspace, the combine. A kernel adds its own launch of the main phase, as a
// dependent launch where it is told so.
#pragma once

#include <memory>

#include "kernels/api/kernel.h"
#include "kernels/cuda/base/buffer.h"
#include "kernels/cuda/tile/decode_args.h"
#include "kernels/cuda/tile/planner.h"

namespace mlawave::cuda {

struct TileShape {
  int rows_per_tile;
  int ctas_per_sm;
  int ctas_per_tile;  // more than one: a cluster shares a head tile and is one slot
  std::int64_t shared_bytes_per_cta;
  int registers_per_thread;
  int threads_per_cta;
  PartialFormat partials = PartialFormat::f32;
  int step_ns = 0;          // for `balanced`: schedule::memory_thousandths()
  bool reads_once = false;  // a slot reads a tile once, and asks DecodeArgs::evict_first
};

class DecodePlan : public api::Plan {
 public:
  DecodePlan(const api::PlanRequest&, const TileShape&);
  const api::PlanInfo& info() const override { return info_; }
  void launch(const api::MlaTensors&, api::Phase, api::Stream) override;

 protected:
  virtual void launch_main(const DecodeArgs&, bool dependent, cudaStream_t) = 0;
  api::Dtype dtype() const { return dtype_; }

 private:
  void make_tables(const api::PlanRequest&, const schedule::Work&);
  void make_planner(const schedule::Work&);

  api::PlanInfo info_;
  api::Dtype dtype_;
  bool paged_;
  DecodeArgs args_{};
  PlannerArgs planner_{};
  int max_parts_ = 0, cut_tile_count_ = 0;
  bool has_dependent_launch_ = false;
  bool tables_are_new_ = false;   // the planner ran last
  Buffer<std::int64_t> numbers_;  // n_kv, kv_begin, and what the planner writes
  Buffer<SegmentEntry> segments_;
  Buffer<CutTile> cut_tiles_;
  Buffer<float> partial_o_;
  Buffer<float2> partial_ml_;
  Buffer<uint4> packed_o_;
  Buffer<float> packed_scale_;
};

}  // namespace mlawave::cuda
