// Interleaved sampling: one sample of every case in turn, in a new random order each round, so
// that drift falls on all cases alike.
#pragma once

#include <functional>
#include <random>
#include <vector>

#include "harness/config/sweep_config.h"
#include "harness/measure/device.h"
#include "harness/run/entry.h"

namespace mlawave::run {

struct Sampling {
  const config::Policy& policy;
  measure::Device& device;  // for its sensors
  std::mt19937_64& random;
  std::function<bool()> stop;  // asked before each sample
  // Runs one step of an entry; what it throws becomes the entry's end.
  std::function<void(Entry&, const std::function<void()>&)> attempt;
};

// Samples every pending entry until its stopping rule is met, or stop(). `twin`, when not null, is
// one of the entries, entered a second time as `twin_of`: it takes part in the rounds that
// `twin_of` takes part in, so that their samples form pairs.
struct Twin {
  Entry* entry = nullptr;
  Entry* of = nullptr;
};
void sample_interleaved(std::vector<Entry*> entries, Twin twin, const Sampling&);

}  // namespace mlawave::run
