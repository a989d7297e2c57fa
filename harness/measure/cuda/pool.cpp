#include "harness/measure/cuda/pool.h"

#include "harness/measure/device.h"
#include "kernels/cuda/base/device.h"

namespace mlawave::measure {
namespace {

constexpr std::size_t kGrain = std::size_t{16} << 20;  // elements; small growth costs nothing

template <class T>
bool too_small(const cuda::Buffer<T>& buffer, std::int64_t elements) {
  return buffer.size() < static_cast<std::size_t>(elements);
}

template <class T>
void grow(cuda::Buffer<T>& buffer, std::int64_t elements) {
  if (!too_small(buffer, elements)) return;
  buffer = {};
  buffer = cuda::Buffer<T>((static_cast<std::size_t>(elements) + kGrain - 1) / kGrain * kGrain);
}

}  // namespace

std::int64_t Pool::bytes() const {
  return static_cast<std::int64_t>(kv_.bytes() + v_.bytes() + q_.bytes() + out_.bytes() +
                                   lse_.bytes() + block_table_.bytes());
}

void Pool::reserve(const PoolNeeds& needs, std::int64_t reserve) {
  if (!too_small(kv_, needs.kv) && !too_small(v_, needs.v) && !too_small(q_, needs.q) &&
      !too_small(out_, needs.out) && !too_small(lse_, needs.lse) &&
      !too_small(block_table_, needs.block_table))
    return;
  const std::int64_t available = cuda::free_memory() + bytes();
  const std::int64_t needed = needs.bytes() + reserve + 6 * static_cast<std::int64_t>(4 * kGrain);
  if (needed > available) throw NotEnoughMemory(needed, available);
  if (needed > cuda::free_memory()) *this = {};  // old and new would not fit side by side
  grow(kv_, needs.kv);
  grow(v_, needs.v);
  grow(q_, needs.q);
  grow(out_, needs.out);
  grow(lse_, needs.lse);
  grow(block_table_, needs.block_table);
}

}  // namespace mlawave::measure
