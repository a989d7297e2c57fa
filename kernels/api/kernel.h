// What a kernel is to the rest of the program: a name, what it supports, a plan, a launch.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "kernels/api/problem.h"
#include "kernels/schedule/schedule.h"

struct CUstream_st;  // cudaStream_t without a CUDA header

namespace mlawave::api {

using Stream = CUstream_st*;  // null on the CPU

// Views; the caller owns the memory. Device pointers for `cuda`, host pointers for `cpu`.
// Element type is problem.dtype; which cache row a token is: cache_rows.h.
struct MlaTensors {
  const void* q = nullptr;   // [batch, s_q, heads, 576]
  const void* kv = nullptr;  // [kv_rows, 576]
  const void* v = nullptr;   // [kv_rows, 512]; only for kernels with needs_separate_v()
  void* out = nullptr;       // [batch, s_q, heads, 512]; 0 where a row sees no token
  float* lse = nullptr;      // [batch, s_q, heads], natural log; -inf where a row sees no token
  // [batch, problem.max_pages()] page numbers of a paged cache; entries behind a request's last
  // page are no pages. v is paged by the same table.
  const std::int32_t* block_table = nullptr;
};

// main leaves the combine of partial results out; schedule makes the tables of a plan that is
// planned on the device anew (once a step, all layers use them), and does nothing for others. The
// next launch of that plan belongs in the same stream, or the same capture of a graph.
enum class Phase { whole, main, schedule };

// How a plan deals its work; copied into every record.
struct PlanInfo {
  int rows_per_tile = 0;  // query rows one CTA processes together
  int n_tiles = 0;        // head tiles per request
  int sms = 0;            // SMs (CPU: worker threads) the plan was made for
  int ctas_per_sm = 0;
  int ctas_per_tile = 1;      // more than one: a cluster shares a head tile and is one slot
  int slots = 0;              // sms × ctas_per_sm / ctas_per_tile
  std::int64_t units = 0;     // (request, head tile, chunk)
  std::int64_t max_load = 0;  // units on the busiest slot
  std::int64_t partials = 0;  // partial results to combine; 0: combine skipped
  std::int64_t workspace_bytes = 0;
  std::int64_t shared_bytes_per_cta = 0;
  int registers_per_thread = 0;
  int threads_per_cta = 0;
  bool planned_on_device = false;  // by a launch of Phase::schedule; plan() has made the first one
  bool evict_first = false;  // the cache is read with this L2 policy, being larger than the L2
};

class Plan {
 public:
  virtual ~Plan() = default;
  virtual const PlanInfo& info() const = 0;
  // Enqueues on `stream` and returns (CPU: runs to completion). Allocates nothing, does not
  // synchronise, so it can be captured into a CUDA graph. One plan on one stream at a time.
  // Throws std::runtime_error with the failed call's name.
  virtual void launch(const MlaTensors&, Phase, Stream) = 0;
};

struct PlanRequest {
  MlaProblem problem;
  schedule::Policy policy;
  int sms = 0;
};

struct Support {
  bool ok = true;
  std::string reason;  // why not, for people; empty when ok
};

class Kernel {
 public:
  virtual ~Kernel() = default;
  virtual std::string_view name() const = 0;         // "tile_reuse", as in JSON and CLI
  virtual std::string_view description() const = 0;  // one line, for `mlawave devices`
  virtual Backend backend() const = 0;
  virtual bool needs_separate_v() const { return false; }
  // The shared library it came from, as given; empty: it is part of this program.
  virtual std::string_view plugin() const { return {}; }
  virtual Support supports(const PlanRequest&) const = 0;
  // Allocates the workspace and uploads the schedule; not timed.
  virtual std::unique_ptr<Plan> plan(const PlanRequest&) const = 0;
};

// What no kernel of ours takes, with the reason: heads, s_q, chunk, … out of the range that the
// public interface promises.
Support check_limits(const PlanRequest&);

using Kernels = std::span<const Kernel* const>;

}  // namespace mlawave::api
