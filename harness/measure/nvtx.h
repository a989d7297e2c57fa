// NVTX 3 ranges for nsys and ncu, in the domain "mlawave". Nothing happens without a profiler, or
// in a build without NVTX's headers.
//
// A case's ranges all have its id as their registered name, n_kv as payload, and differ in the
// category. GPU work inside a range is over when the range ends.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mlawave::measure {

enum class Activity {
  verify,   // one launch, then its output is read
  warm_up,  // batches whose time is not kept
  sample,   // one batch
  combine,  // one launch of a plan that combines partial results, after the timing
};

// The profilers' filters give a meaning to @ , [ ] / * + \ $; a name has none of them: the
// slashes of an id become dots, the others dashes.
std::string range_text(std::string_view case_id);

class RangeName {
 public:
  RangeName(std::string_view case_id, std::int64_t n_kv);

 private:
  friend class Range;
  void* handle_ = nullptr;  // lives as long as the process, as NVTX wants it
  std::int64_t n_kv_ = 0;
};

class Range {
 public:
  Range(const RangeName&, Activity);
  ~Range();
  Range(const Range&) = delete;
  Range& operator=(const Range&) = delete;
};

}  // namespace mlawave::measure
