// Made-up records with every field set, for this room's tests.
#pragma once

#include "harness/record/record.h"
#include "harness/record/run_info.h"

namespace mlawave::record::sample {

RunInfo run_info();
Record measured();  // ok, ragged, split_kv
Record skipped();
Record wrong();  // error is infinite
AaCheck aa();
Resumption resumption();

}  // namespace mlawave::record::sample
