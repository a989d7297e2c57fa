#include "kernels/cuda/tile/tensor_map.h"

#include <stdexcept>

#include "kernels/cuda/base/driver.h"
#include "kernels/cuda/base/error.h"

namespace mlawave::cuda {
namespace {

// What the copy engine asks the L2 for at once: the 128 bytes of a block's row. With 256 it asks
// for more than it takes, as rows of 1152 bytes are no multiple of that: 8 % less of the memory's
// rate (tile_reuse_sm90_q/README.md).
constexpr CUtensorMapL2promotion kPromotion = CU_TENSOR_MAP_L2_PROMOTION_L2_128B;

// Sizes, strides (of all dimensions but the first, in bytes) and box of a tensor of 16-bit
// elements.
template <int Rank>
CUtensorMap make_map(const void* data, api::Dtype dtype, const cuuint64_t (&sizes)[Rank],
                     const cuuint64_t (&strides)[Rank - 1], const cuuint32_t (&box)[Rank]) {
  cuuint32_t steps[Rank];
  for (cuuint32_t& step : steps) step = 1;
  CUtensorMap map;
  static const auto encode =
      driver_function<decltype(cuTensorMapEncodeTiled)>("cuTensorMapEncodeTiled", 12000);
  if (!encode) throw std::runtime_error("cuTensorMapEncodeTiled: the driver does not have it");
  MLAWAVE_CUDA_CHECK(encode(
      &map,
      dtype == api::Dtype::f16 ? CU_TENSOR_MAP_DATA_TYPE_FLOAT16 : CU_TENSOR_MAP_DATA_TYPE_BFLOAT16,
      Rank, const_cast<void*>(data), sizes, strides, box, steps, CU_TENSOR_MAP_INTERLEAVE_NONE,
      CU_TENSOR_MAP_SWIZZLE_128B, kPromotion, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE));
  return map;
}

}  // namespace

CUtensorMap tensor_map(const void* data, api::Dtype dtype, std::int64_t rows, int columns,
                       int box_rows) {
  return make_map<2>(data, dtype, {static_cast<cuuint64_t>(columns), static_cast<cuuint64_t>(rows)},
                     {static_cast<cuuint64_t>(columns) * 2},
                     {64, static_cast<cuuint32_t>(box_rows)});
}

CUtensorMap block_map(const void* data, api::Dtype dtype, std::int64_t rows, int box_rows,
                      int box_blocks) {
  return make_map<3>(data, dtype, {64, static_cast<cuuint64_t>(rows), api::kDQk / 64},
                     {api::kDQk * 2, 64 * 2},
                     {64, static_cast<cuuint32_t>(box_rows), static_cast<cuuint32_t>(box_blocks)});
}

}  // namespace mlawave::cuda
