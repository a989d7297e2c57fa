// SweepConfig -> the cases of a sweep, made one at a time: a million cases cost no memory. Or a few
// cases that are no product of axes.
#pragma once

#include <cstddef>
#include <vector>

#include "harness/config/sweep_config.h"
#include "harness/plan/boundaries.h"
#include "harness/plan/case.h"

namespace mlawave::plan {

// Neighbouring cases with one workload_id: they differ in kernel, schedule, chunk or splits alone.
struct Workload {
  std::size_t first = 0;
  std::size_t count = 0;
};

class Plan {
 public:
  // Throws config::BadInput when around_boundaries makes too many points.
  explicit Plan(config::SweepConfig config, const SlotsOf& slots_of = slots_of_16_rows);

  // These cases alone, each once; at least one, none ragged. Of `base` the policy counts; the axes
  // of config() are what the cases hold.
  Plan(const config::SweepConfig& base, std::vector<Case> cases);

  std::size_t size() const;
  Case at(std::size_t i) const;  // i < size()

  // Every case is in exactly one workload. The order is random, and the same on every machine for
  // one config and seed.
  std::vector<Workload> workloads() const;

  const config::SweepConfig& config() const { return config_; }

 private:
  struct Variant {
    std::size_t kernel;
    schedule::Policy policy;
  };
  // The lengths that a batch runs through. One list where all batches have the same.
  using Lengths = std::vector<std::vector<std::int64_t>>;

  std::vector<Variant> variants() const;
  Lengths around_boundaries(const Case& sample, const SlotsOf&) const;
  const Lengths& lengths(std::size_t setting) const;
  std::size_t count_problems(const Lengths&) const;
  std::size_t settings() const;
  void apply_setting(std::size_t setting, Case&) const;
  void apply_problem(std::size_t setting, std::size_t problem, Case&) const;

  config::SweepConfig config_;
  std::vector<Case> cases_;  // where they were given one by one
  std::vector<Variant> variants_;
  std::vector<Lengths> lengths_;            // one for all settings, or one each
  std::size_t problems_ = 0;                // of a setting, where they share one
  std::vector<std::size_t> first_problem_;  // [settings + 1], where they have one each
};

}  // namespace mlawave::plan
