// The time model of one kernel across a sweep: SM count, chunk, heads and batch share parameters.
//
//   t = launch + core(κ) · unit + combine · (parts > 0) + part · parts + chain · parts per tile
//   unit = unit_fixed + unit_token · chunk                     one unit alone on its slot
//   κ    = (bytes of a full round / bandwidth) / unit          bytes: 1152 per KV token, each tile
//   of
//                                                              a request reads the same tokens
//   core as in series_fit.h
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/model/gpus.h"
#include "harness/model/load.h"
#include "harness/model/series_fit.h"

namespace mlawave::model {

struct KernelModel {
  std::string kernel;
  std::string gpu;  // that it was measured on
  double gpu_boost_mhz = 0, gpu_bandwidth_gb_per_s = 0;
  int rows_per_tile = 16;
  int ctas_per_sm = 1;
  int ctas_per_tile = 1;
  std::int64_t shared_bytes_per_cta = 0;
  Core core = Core::rounds;
  double launch_us = 0, unit_fixed_us = 0, unit_token_us = 0, bandwidth_gb_per_s = 0;
  double combine_us = 0, part_us = 0, chain_us = 0;
  double typical_error = 0;      // mean |error| / time of the rows it was fitted to
  double error_95 = 0;           // 95 % of those rows are off by less
  double other_gpu_error = 0.3;  // on another card: assumed, until one is measured
  std::string other_gpu_source = "assumed";
  int rows = 0;
  std::string fitted_from;  // run and what was taken of it
};

struct SweepRow {
  Load load;
  int chunk = 256;
  int n_tiles = 1;
  double time_us = 0;
};

double predict_us(const KernelModel&, const SweepRow&);

// Of that, the combine of partial results: what a schedule with fewer parts would not pay.
double combine_us(const KernelModel&, const SweepRow&);

// Fits everything but the names. At least 16 rows; throws config::BadInput with fewer. With one
// chunk only, unit_fixed can't be told from unit_token and is 0. `most_gb_per_s`: what the card can
// read, 0 where not known.
void fit_kernel(KernelModel&, std::span<const SweepRow>, double most_gb_per_s = 0);

// The same kernel on another card: compute by clock, memory by data-sheet bandwidth, residency by
// shared memory.
KernelModel moved_to(const KernelModel&, const Gpu&);

// Whether the kernel exists for the card: a name with "_sm90" in it is for compute capability 9.0
// alone.
bool runs_on(const KernelModel&, const Gpu&);

// JSON of a list of kernels; the file that results/ keeps.
std::string to_json(const std::vector<KernelModel>&);
// Throws config::BadInput naming `source`, the key and what was expected.
std::vector<KernelModel> models_from_json(const std::string& text, const std::string& source);

}  // namespace mlawave::model
