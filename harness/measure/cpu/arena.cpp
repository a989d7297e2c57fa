#include "harness/measure/cpu/arena.h"

#include <sys/mman.h>

#include <cassert>

#include "harness/measure/cpu/cpu_topology.h"
#include "harness/measure/device.h"

namespace mlawave::measure {

Arena::~Arena() { release(); }

void Arena::release() {
  if (data_) ::munmap(data_, static_cast<std::size_t>(size_));
  data_ = nullptr;
  size_ = 0;
}

void Arena::reset(std::int64_t bytes) {
  used_ = 0;
  if (bytes <= size_) return;
  release();
  const std::int64_t available = available_memory_bytes();
  if (bytes > available) throw NotEnoughMemory(bytes, available);
  void* p = ::mmap(nullptr, static_cast<std::size_t>(bytes), PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) throw NotEnoughMemory(bytes, available);
  data_ = static_cast<std::byte*>(p);
  size_ = bytes;
  // Fewer TLB misses; where the system has no huge pages, none.
  ::madvise(data_, static_cast<std::size_t>(bytes), MADV_HUGEPAGE);
}

void* Arena::take(std::int64_t bytes) {
  void* piece = data_ + used_;
  used_ += rounded(bytes);
  assert(used_ <= size_);
  return piece;
}

}  // namespace mlawave::measure
