#include "harness/analysis/explanation.h"

namespace mlawave::analysis {

std::string_view to_string(Verdict v) {
  switch (v) {
    case Verdict::waves:
      return "waves";
    case Verdict::none:
      return "none";
    case Verdict::ambiguous:
      return "ambiguous";
    case Verdict::unresolvable:
      return "unresolvable";
  }
  return "?";
}

std::string_view to_string(Cause c) {
  switch (c) {
    case Cause::wave_quantization:
      return "wave quantization";
    case Cause::tile_or_page_rounding:
      return "head-tile or page rounding";
    case Cause::l2_capacity:
      return "L2 capacity";
    case Cause::kernel_or_split_switch:
      return "kernel or split-count switch";
    case Cause::throttle_or_clock:
      return "throttle, clock";
    case Cause::cpu_thread_imbalance:
      return "CPU thread imbalance";
    case Cause::noise_or_bad_row:
      return "measurement noise, bad row";
    case Cause::unexplained:
      return "unexplained";
  }
  return "?";
}

std::string_view to_string(Confidence c) {
  switch (c) {
    case Confidence::high:
      return "high";
    case Confidence::medium:
      return "medium";
    case Confidence::suggestive:
      return "suggestive";
  }
  return "?";
}

}  // namespace mlawave::analysis
