// One row to be: a kernel on a problem, an SM count, a schedule, a cache state.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/config/sweep_config.h"
#include "kernels/api/problem.h"
#include "kernels/schedule/schedule.h"

namespace mlawave::plan {

struct Case {
  api::Backend backend = api::Backend::cuda;
  // The one that runs. "auto" (kAutoKernel) until it is chosen, once the device is known; then
  // chosen_by says why, "auto: 16 query rows, …". Ids and flags go on naming what was asked for.
  std::string kernel;
  std::string chosen_by;  // empty: asked for by name, or not chosen yet
  schedule::Policy policy;
  int sms = 0;  // as asked; 0: all of the device
  int heads = 16;
  int s_q = 1;
  int batch = 1;
  std::int64_t n_kv = 0;             // per request; the longest of a ragged batch
  std::vector<std::int64_t> ragged;  // [batch] when lengths differ, else empty
  api::Dtype dtype = api::Dtype::f16;
  api::Layout layout = api::Layout::rope_nope;
  int page_size = 0;  // 0: contiguous cache
  config::Cache cache = config::Cache::cold;
  float scale = api::kDefaultScale;

  api::MlaProblem problem() const;
  std::string_view kernel_asked() const;
  // Readable and stable: equal cases have equal ids, in every run and version of a schema.
  // "cuda/tile_reuse/stream_k/c256/sms76/b1/n19456/h16/q1/f16/rope_nope/cold"
  std::string id() const;
  // A batch of unequal lengths is written "n4641+45118+1730+1696", a long one by its hash; pages
  // and a scale that is not the default are added at the end, "/page64/scale0.1".
  // Cases with the same workload id share tensors and reference, and are timed in alternation.
  std::string workload_id() const;
  // The id without n_kv: the cases of one curve have the same.
  std::string series_id() const;
  // The flags of `mlawave sweep` that give this one case.
  std::string sweep_flags() const;
};

}  // namespace mlawave::plan
