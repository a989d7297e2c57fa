// What `explain` and `import` read: tables in files, runs in directories.
#pragma once

#include <string>
#include <vector>

#include "harness/analysis/series.h"
#include "harness/import/read.h"

namespace mlawave::cli {

bool is_run(const std::string& path);

// "auto" or a format's name. Throws config::BadInput.
importer::Options import_options(const std::string& format, bool skip_bad_rows);

// The usable tables of a file; what is not used, and what was noted, goes to stderr.
std::vector<analysis::Series> table_series(const std::string& path, const importer::Options&);

}  // namespace mlawave::cli
