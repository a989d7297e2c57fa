// Records of one attention operation as those of one token of a whole model.
#pragma once

#include <span>
#include <vector>

#include "harness/model/per_token.h"
#include "harness/record/record.h"

namespace mlawave::exporting {

// Every sample as layers × time + rest. Only timed records of one request, one new token and the
// card's heads stay.
std::vector<record::Record> projected(std::span<const record::Record>, const model::Card&,
                                      const model::Rest&);

}  // namespace mlawave::exporting
