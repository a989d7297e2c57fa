// Rows in the formats of llama-sweep-bench and llama-bench, so that scripts written for those can
// read them. They describe one attention operation, not a model; n_kv, times and tokens are ours,
// what was not measured (prompt processing) is 0. Only timed rows of equal lengths appear.
#pragma once

#include <iosfwd>
#include <span>
#include <string>

#include "harness/record/record.h"
#include "harness/record/run_info.h"

namespace mlawave::exporting {

// Markdown, a table for each series under a heading with its id; rows by ascending n_kv. TG is
// batch · s_q tokens, T_TG the time of the one operation that serves them. `title`: a line above
// the tables.
void write_sweep_bench(std::ostream&, std::span<const record::Record>,
                       const std::string& title = "");

// JSON, as `llama-bench -o json -d …`: n_depth is n_kv, samples_ns every sample kept;
// model_type is "mla attention" and the kernel, behind `title` where there is one.
void write_llama_bench(std::ostream&, std::span<const record::Record>, const record::RunInfo&,
                       const std::string& title = "");

}  // namespace mlawave::exporting
