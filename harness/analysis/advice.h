// What to do about what was found; and the same in plain words.
#pragma once

#include <string>
#include <vector>

#include "harness/analysis/explanation.h"
#include "harness/analysis/series.h"

namespace mlawave::analysis {

// One paragraph for people.
std::string in_plain_words(const Explanation&);

std::vector<std::string> advice_for(const Series&, const Explanation&);

std::string grouped(std::int64_t);  // 19456 -> "19,456"

}  // namespace mlawave::analysis
