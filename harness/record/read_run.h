// A run file -> its header and records.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/record/record.h"
#include "harness/record/run_info.h"

namespace mlawave::record {

inline constexpr const char* kRunFileName = "run.jsonl";

struct Run {
  RunInfo info;
  std::vector<Record> records;  // one for each id: a case run again after not_run replaces it
  std::vector<AaCheck> aa;
  std::vector<Resumption> resumptions;
  std::vector<std::string> warnings;  // a half-written last line that was dropped
  std::int64_t whole_bytes = 0;       // of the file, up to the end of its last whole line
};

// `path`: a run directory or a run file. Throws config::BadInput naming the file and, for damage,
// its line.
Run read_run(const std::string& path);

}  // namespace mlawave::record
