// Memory that workloads use one after the other: grown when needed, given back at the end.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mlawave::measure {

class Arena {
 public:
  Arena() = default;
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Everything handed out before is gone; contents are undefined. Throws NotEnoughMemory.
  void reset(std::int64_t bytes);
  // The next piece, aligned to kAlignment. What was reset() must hold all pieces, each rounded up.
  void* take(std::int64_t bytes);

  static constexpr std::int64_t kAlignment = 4096;
  static constexpr std::int64_t rounded(std::int64_t bytes) {
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
  }

 private:
  void release();

  std::byte* data_ = nullptr;
  std::int64_t size_ = 0, used_ = 0;
};

}  // namespace mlawave::measure
