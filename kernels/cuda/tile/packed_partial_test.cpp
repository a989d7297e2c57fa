#include "kernels/cuda/tile/packed_partial.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace mlawave::cuda {
namespace {

TEST(PackedPartial, EveryColumnHasOnePlace) {
  for (const auto column : {column_in_rows, column_in_columns}) {
    int found[api::kDV] = {};
    for (int piece = 0; piece < kPackedRow; ++piece)
      for (int i = 0; i < kPackedColumns; ++i) {
        const int c = column(piece, i);
        ASSERT_TRUE(c >= 0 && c < api::kDV);
        ++found[c];
        EXPECT_EQ(c / kScaledColumns, piece / (kPackedRow / kRowScales));  // whose scale
      }
    EXPECT_TRUE(std::all_of(found, found + api::kDV, [](int n) { return n == 1; }));
  }
}

// Where a thread's accumulators go, in tile_reuse_sm90 and in tile_reuse_sm90_t.
TEST(PackedPartial, IsWhatALaneHas) {
  for (int w = 0; w < 2; ++w)
    for (int c = 0; c < 4; ++c)
      for (int block = 0; block < 32; ++block)
        for (int e = 0; e < 2; ++e)
          EXPECT_EQ(column_in_rows(32 * w + block / 4 * 4 + c, 2 * (block % 4) + e),
                    256 * w + 8 * block + 2 * c + e);
  for (int group = 0; group < 2; ++group)
    for (int warp = 0; warp < 4; ++warp)
      for (int token = 0; token < 8; ++token)
        for (int b = 0; b < 4; ++b)
          for (int half = 0; half < 2; ++half)
            EXPECT_EQ(column_in_columns(32 * group + 8 * warp + token, 2 * b + half),
                      256 * group + 64 * b + 16 * warp + token + 8 * half);
}

// What the combine makes of pairs: even lanes swap their second number for the next one's first.
TEST(PackedPartial, PairsOfTwoLanesGiveNeighbours) {
  for (int piece = 0; piece < kPackedRow; piece += 2)
    for (int i = 0; i < kPackedColumns; i += 2)
      for (int e = 0; e < 2; ++e) {
        EXPECT_EQ(column_in_columns(piece, i + e) + 1, column_in_columns(piece + 1, i + e));
        EXPECT_EQ(column_in_columns(piece, i + e) % 2, 0);
      }
}

}  // namespace
}  // namespace mlawave::cuda
