// Descriptors of the tensor copy engine (sm_90 and later).
#pragma once

#include <cuda.h>

#include <cstdint>

#include "kernels/api/problem.h"

namespace mlawave::cuda {

// A [rows, columns] tensor of 16-bit elements, copied in boxes of [box_rows, 64] with the 128-byte
// swizzle; rows behind the end read as zero. Throws where the driver refuses.
CUtensorMap tensor_map(const void* data, api::Dtype, std::int64_t rows, int columns, int box_rows);

// Rows of 576 elements as [9 blocks, rows, 64 columns], copied in boxes of [box_blocks, box_rows,
// 64]: many blocks with one instruction, each as an array of 128-byte rows.
CUtensorMap block_map(const void* data, api::Dtype, std::int64_t rows, int box_rows,
                      int box_blocks);

}  // namespace mlawave::cuda
