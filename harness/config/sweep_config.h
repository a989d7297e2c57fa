// What a sweep is: axes (every combination is a case) and a policy (how a case is measured).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/api/problem.h"
#include "kernels/schedule/schedule.h"

namespace mlawave::config {

enum class Cache { cold, hot };      // cold: caches rotate over at least 4 × L2
enum class Timing { batch, graph };  // events around a batch of launches, or a CUDA-graph replay

struct Policy {
  std::uint64_t seed = 408;
  int launches_per_sample = 16;
  int min_samples = 9;
  int max_samples = 60;
  double target_interval = 0.01;  // stop when the 95 % interval's half width / median is below this
  double idle_ms = 0;  // idle time before each sample, so that a power limit is not yet reached
  Timing timing = Timing::batch;
  bool phases = false;        // also time the main phase alone (without the combine)
  double aa_fraction = 0.02;  // share of workloads where one kernel runs twice: A/A check
  double max_time_s = 0;      // 0: no limit
};

struct SweepConfig {
  std::string name = "sweep";
  std::string description;  // for people; no part of the hash
  // Left empty by the reader when no source names one: the command line then chooses.
  std::vector<api::Backend> backends{api::Backend::cuda};
  std::vector<std::string> kernels{"baseline", "tile_reuse"};
  std::vector<schedule::Kind> schedules{schedule::Kind::stream_k};
  std::vector<int> sms{0};  // 0: all of the device
  std::vector<int> chunks{256};
  std::vector<int> splits{16};  // split_kv only
  std::vector<int> heads{16};
  std::vector<int> s_q{1};
  std::vector<int> batches{1};
  std::vector<api::Dtype> dtypes{api::Dtype::f16};
  std::vector<api::Layout> layouts{api::Layout::rope_nope};
  std::vector<int> page_sizes{0};  // tokens in a page of the cache; 0: contiguous
  std::vector<Cache> caches{Cache::cold};
  std::vector<std::int64_t> n_kv;
  std::vector<std::vector<std::int64_t>> ragged;  // each entry is one batch of unequal lengths
  bool around_boundaries = false;                 // adds the points next to each predicted boundary
  float scale = api::kDefaultScale;
  Policy policy;
};

}  // namespace mlawave::config
