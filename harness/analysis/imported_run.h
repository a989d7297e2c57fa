// Other people's curves as a run: written by `mlawave import`, plotted, exported and explained like
// our own. What a record has no place for (row rule, tokens a row, bad rows) is in the run's config
// under "imported".
#pragma once

#include <string>
#include <vector>

#include "harness/analysis/series.h"
#include "harness/record/record.h"
#include "harness/record/run_info.h"

namespace mlawave::analysis {

// The config and its hash for a run of these series. Their names are made different first.
void name_apart(std::vector<Series>&);
void describe_import(const std::vector<Series>&, record::RunInfo&);

std::vector<record::Record> records_of(const Series&, const std::string& command);

// Puts back what describe_import kept; leaves series of measured runs alone.
void restore_import(const record::RunInfo&, std::vector<Series>&);

}  // namespace mlawave::analysis
