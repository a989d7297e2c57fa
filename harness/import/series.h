// An imported table as a curve to explain.
#pragma once

#include "harness/analysis/series.h"
#include "harness/import/table.h"

namespace mlawave::importer {

// Of a usable table. Repeated n_kv become one point (their median).
analysis::Series to_series(const Table&);

}  // namespace mlawave::importer
