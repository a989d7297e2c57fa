// A confirmation for people and for programs.
#pragma once

#include <string>

#include "harness/analysis/confirm.h"

namespace mlawave::analysis {

// One line: how many dips, points and curves.
std::string in_short(const ConfirmPlan&);

// Old place, prediction, what was seen and the verdict of every dip.
std::string as_text(const Confirmation&);

// {"points", "confirmed", "refuted", "not_testable", "series":[…]}; keys in docs/confirm.md. Ends
// with a newline.
std::string as_json(const Confirmation&);

}  // namespace mlawave::analysis
