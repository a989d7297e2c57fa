// Records <-> lines of JSON. The schema is docs/schema/run.schema.json; the key names are in
// json_line.cpp and nowhere else.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "harness/record/record.h"
#include "harness/record/run_info.h"

namespace mlawave::record {

// One line without its end. Numbers that are not finite become null.
std::string to_line(const RunInfo&);
std::string to_line(const Record&);
std::string to_line(const AaCheck&);
std::string to_line(const Resumption&);

using Line = std::variant<RunInfo, Record, AaCheck, Resumption>;

// Summaries are computed anew from the samples. Throws config::BadInput: what is wrong and where in
// the line, the file's name and line left to the caller.
Line from_line(std::string_view);

}  // namespace mlawave::record
