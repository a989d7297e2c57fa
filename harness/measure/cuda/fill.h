// Fills a workload on the device, to the bit as harness/workload/fill.h says.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "kernels/api/kernel.h"

namespace mlawave::measure {

// Where the copies of a cache (or of a separate V) lie: copy i begins at first + i·elements.
struct Copies {
  std::uint16_t* first = nullptr;
  std::int64_t elements = 0;  // of one copy; a multiple of 8
  int count = 0;
};

// kv [kv_rows, 576], every copy; rows that no request owns become NaN. Of the tensors only the
// block table is used, on the device already.
void fill_kv(const Copies& kv, const api::MlaProblem&, const api::MlaTensors&, std::uint64_t seed,
             cudaStream_t);

// v [kv_rows, 512], every copy: the V columns of the first copy of kv.
void fill_v(const Copies& v, const Copies& kv, const api::MlaProblem&, cudaStream_t);

// q [batch, s_q, heads, 576].
void fill_q(std::uint16_t* q, const api::MlaProblem&, std::uint64_t seed, cudaStream_t);

void fill_bits(std::uint16_t* data, std::int64_t count, std::uint16_t bits, cudaStream_t);
void fill_bits(std::uint32_t* data, std::int64_t count, std::uint32_t bits, cudaStream_t);

}  // namespace mlawave::measure
