// The verdict on many simulated curves: how often right, how often wrong.
#pragma once

#include <cstdint>
#include <string>

namespace mlawave::analysis {

// Markdown: recall by jump over noise and number of boundaries, precision, false positives by
// shape; each with the machine known, with the SM count known, and with nothing known.
std::string detection_study(std::uint64_t seed, int curves_with_waves, int curves_without);

}  // namespace mlawave::analysis
