// The curves in a run: one series for each combination of everything but n_kv.
#pragma once

#include <vector>

#include "harness/analysis/series.h"
#include "harness/record/read_run.h"

namespace mlawave::analysis {

// Ragged batches have no n_kv axis and are left out. Points only of records that are ok.
std::vector<Series> series_of(const record::Run&, const std::string& source);

}  // namespace mlawave::analysis
