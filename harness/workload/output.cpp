#include "harness/workload/output.h"

#include <algorithm>
#include <bit>

#include "harness/workload/fill.h"
#include "kernels/api/half.h"

namespace mlawave::workload {

Output decode_output(std::span<const std::uint16_t> out, std::span<const std::uint32_t> lse,
                     api::Dtype dtype) {
  Output result;
  result.unwritten =
      std::count(out.begin(), out.end(), kPoison16) + std::count(lse.begin(), lse.end(), kPoison32);
  result.out.reserve(out.size());
  for (std::uint16_t bits : out) result.out.push_back(api::to_float(bits, dtype));
  result.lse.reserve(lse.size());
  for (std::uint32_t bits : lse) result.lse.push_back(std::bit_cast<float>(bits));
  return result;
}

}  // namespace mlawave::workload
