// The tensor copy engine: boxes of a tensor in global memory to shared memory (sm_90 and later).
#pragma once

#include <cuda.h>

#include <cstdint>

#include "kernels/cuda/ptx/l2_policy.h"

namespace mlawave::ptx {

__device__ inline void tma_prefetch_map(const CUtensorMap* map) {
  asm volatile("prefetch.tensormap [%0];" ::"l"(map) : "memory");
}

// One box at element (column, row); its bytes count towards `barrier`.
__device__ inline void tma_load_2d(std::uint32_t shared, const CUtensorMap* map, int column,
                                   int row, std::uint32_t barrier) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%2, "
      "%3}], [%4];" ::"r"(shared),
      "l"(map), "r"(column), "r"(row), "r"(barrier)
      : "memory");
}

// The same to the same place in every CTA of the cluster that `ctas` has a bit for; the bytes count
// towards each one's own barrier.
__device__ inline void tma_load_2d_multicast(std::uint32_t shared, const CUtensorMap* map,
                                             int column, int row, std::uint32_t barrier,
                                             std::uint16_t ctas) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::"
      "cluster [%0], [%1, {%2, %3}], [%4], %5;" ::"r"(shared),
      "l"(map), "r"(column), "r"(row), "r"(barrier), "h"(ctas)
      : "memory");
}

// A box of a tensor of three dimensions. `evict_first`: nobody reads the data again soon, so the
// L2 may replace it first. (A branch, not a choice between two policies: evict_normal for the rest
// cost tile_reuse_sm90_q 1 to 4 us on an H200.)
__device__ inline void tma_load_3d(std::uint32_t shared, const CUtensorMap* map, int column,
                                   int row, int block, std::uint32_t barrier, bool evict_first) {
  if (evict_first)
    asm volatile(
        "cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes."
        "L2::cache_hint [%0], [%1, {%2, %3, %4}], [%5], %6;" ::"r"(shared),
        "l"(map), "r"(column), "r"(row), "r"(block), "r"(barrier), "l"(evict_first_policy())
        : "memory");
  else
    asm volatile(
        "cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, "
        "{%2, %3, %4}], [%5];" ::"r"(shared),
        "l"(map), "r"(column), "r"(row), "r"(block), "r"(barrier)
        : "memory");
}

__device__ inline void tma_load_3d_multicast(std::uint32_t shared, const CUtensorMap* map,
                                             int column, int row, int block, std::uint32_t barrier,
                                             std::uint16_t ctas, bool evict_first) {
  if (evict_first)
    asm volatile(
        "cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::"
        "cluster.L2::cache_hint [%0], [%1, {%2, %3, %4}], [%5], %6, %7;" ::"r"(shared),
        "l"(map), "r"(column), "r"(row), "r"(block), "r"(barrier), "h"(ctas),
        "l"(evict_first_policy())
        : "memory");
  else
    asm volatile(
        "cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::"
        "cluster [%0], [%1, {%2, %3, %4}], [%5], %6;" ::"r"(shared),
        "l"(map), "r"(column), "r"(row), "r"(block), "r"(barrier), "h"(ctas)
        : "memory");
}

// Brings `bytes` (a multiple of 16) to L2.
__device__ inline void bulk_prefetch_l2(const void* global, int bytes) {
  asm volatile("cp.async.bulk.prefetch.L2.global [%0], %1;" ::"l"(global), "r"(bytes) : "memory");
}

}  // namespace mlawave::ptx
