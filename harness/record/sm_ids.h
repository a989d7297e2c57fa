// A set of SM numbers as short text: "0-75,80,82-83".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mlawave::record {

std::string sm_ids_to_text(const std::vector<int>& sorted);

// Throws config::BadInput when the text is not such a set, or numbers are 65536 and more.
std::vector<int> sm_ids_from_text(std::string_view);

}  // namespace mlawave::record
