// Samples -> the figures that follow from them.
#pragma once

#include <optional>
#include <span>

#include "harness/record/record.h"

namespace mlawave::record {

// Times of the samples that count: throttled ones are left out.
std::vector<double> valid_times_us(std::span<const Sample>);

// All zero when no sample counts.
Summary summarize(std::span<const Sample>);

// The SM clock under the samples' load: the median of those that count and know it.
std::optional<double> sm_clock_mhz(std::span<const Sample>);

// Fills ratio, ratio_lo, ratio_hi from the pairs where neither sample was throttled; zero without.
void summarize(AaCheck&);

}  // namespace mlawave::record
