// Records as a flat table: one row per record, skipped and failed ones included.
#pragma once

#include <iosfwd>
#include <span>

#include "harness/export/derived.h"

namespace mlawave::exporting {

// RFC 4180 with LF line ends; a missing value is an empty field.
void write_csv(std::ostream&, std::span<const record::Record>, const record::RunInfo&);

// An array of objects with the same names; a missing value is null.
void write_json(std::ostream&, std::span<const record::Record>, const record::RunInfo&);

}  // namespace mlawave::exporting
