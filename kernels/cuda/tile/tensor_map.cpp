#include "kernels/cuda/tile/tensor_map.h"

#include <stdexcept>

#include "kernels/cuda/base/driver.h"
#include "kernels/cuda/base/error.h"

namespace mlawave::cuda {
CUtensorMap tensor_map(const void* data, api::Dtype dtype, std::int64_t rows, int columns,
                       int box_rows) {
  const cuuint64_t sizes[] = {static_cast<cuuint64_t>(columns), static_cast<cuuint64_t>(rows)};
  const cuuint64_t strides[] = {static_cast<cuuint64_t>(columns) * 2};
  const cuuint32_t box[] = {64, static_cast<cuuint32_t>(box_rows)};
  const cuuint32_t step[] = {1, 1};
  CUtensorMap map;
  static const auto encode =
      driver_function<decltype(cuTensorMapEncodeTiled)>("cuTensorMapEncodeTiled", 12000);
  if (!encode) throw std::runtime_error("cuTensorMapEncodeTiled: the driver does not have it");
  MLAWAVE_CUDA_CHECK(encode(
      &map,
      dtype == api::Dtype::f16 ? CU_TENSOR_MAP_DATA_TYPE_FLOAT16 : CU_TENSOR_MAP_DATA_TYPE_BFLOAT16,
      2, const_cast<void*>(data), sizes, strides, box, step, CU_TENSOR_MAP_INTERLEAVE_NONE,
      CU_TENSOR_MAP_SWIZZLE_128B, CU_TENSOR_MAP_L2_PROMOTION_L2_256B,
      CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE));
  return map;
}

}  // namespace mlawave::cuda
