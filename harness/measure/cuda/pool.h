// Device memory of workloads, kept from one to the next: hundreds of cases need about the same
// 200 MB, which are not given back and asked for again.
#pragma once

#include <cstdint>

#include "kernels/cuda/base/buffer.h"

namespace mlawave::measure {

struct PoolNeeds {  // elements
  std::int64_t kv = 0, v = 0, q = 0, out = 0, lse = 0, block_table = 0;
  std::int64_t bytes() const { return 2 * (kv + v + q + out) + 4 * (lse + block_table); }
};

class Pool {
 public:
  // Makes every buffer at least as large as needed. Throws NotEnoughMemory, with nothing lost but
  // the contents, when fewer than `reserve` bytes would be left for others.
  void reserve(const PoolNeeds&, std::int64_t reserve);

  std::uint16_t* kv() const { return kv_.data(); }
  std::uint16_t* v() const { return v_.data(); }
  std::uint16_t* q() const { return q_.data(); }
  std::uint16_t* out() const { return out_.data(); }
  std::uint32_t* lse() const { return lse_.data(); }
  std::int32_t* block_table() const { return block_table_.data(); }

 private:
  std::int64_t bytes() const;

  cuda::Buffer<std::uint16_t> kv_, v_, q_, out_;
  cuda::Buffer<std::uint32_t> lse_;
  cuda::Buffer<std::int32_t> block_table_;
};

}  // namespace mlawave::measure
