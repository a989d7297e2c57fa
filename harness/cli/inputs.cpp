#include "harness/cli/inputs.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "harness/config/bad_input.h"
#include "harness/import/series.h"
#include "harness/record/read_run.h"

namespace mlawave::cli {

bool is_run(const std::string& path) {
  namespace fs = std::filesystem;
  return fs::is_directory(path) || fs::path(path).filename() == record::kRunFileName;
}

importer::Options import_options(const std::string& format, bool skip_bad_rows) {
  importer::Options options;
  options.skip_bad_rows = skip_bad_rows;
  if (format == "auto") return options;
  options.format = importer::parse_format(format);
  if (!options.format)
    throw config::BadInput(
        fmt::format("--format: \"{}\", expected auto, sweep-bench, llama-bench or csv", format));
  return options;
}

std::vector<analysis::Series> table_series(const std::string& path,
                                           const importer::Options& options) {
  std::vector<analysis::Series> out;
  for (const importer::Table& t : importer::read_file(path, options)) {
    if (!t.unusable.empty()) {
      fmt::print(stderr, "{}:{}: not used: {}\n", path, t.unusable_line, t.unusable);
      continue;
    }
    for (const std::string& note : t.notes) fmt::print(stderr, "{}:{}: {}\n", path, t.line, note);
    out.push_back(importer::to_series(t));
  }
  return out;
}

}  // namespace mlawave::cli
