// Explanations for people and for programs.
#pragma once

#include <span>
#include <string>

#include "harness/analysis/explanation.h"

namespace mlawave::analysis {

// A paragraph in plain words, the dips as a table, what else was seen, what to do.
std::string as_text(const Explanation&);

// {"series":[{"name", "points", "verdict", …}]}; keys as in the README. Ends with a newline.
std::string as_json(std::span<const Explanation>);

// Broken at blanks into lines of at most 96 bytes, each behind the indent.
std::string wrapped(const std::string& text, const std::string& indent);

}  // namespace mlawave::analysis
