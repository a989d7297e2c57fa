// SweepConfig -> JSON that reads back as the same config; its hash tells runs apart.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "harness/config/sweep_config.h"

namespace mlawave::config {

// Every key, defaults included, keys sorted, evenly spaced integers as ranges.
nlohmann::json to_json(const SweepConfig&);

// 16 hex digits over what decides the records: not over name, description and time limit, so that
// a run can be resumed with more time. The same on every machine.
std::string config_hash(const SweepConfig&);

}  // namespace mlawave::config
