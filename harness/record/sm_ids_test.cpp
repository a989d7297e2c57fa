#include "harness/record/sm_ids.h"

#include <gtest/gtest.h>

#include "harness/config/bad_input.h"

namespace mlawave::record {
namespace {

using Ids = std::vector<int>;

TEST(SmIds, RangesThereAndBack) {
  EXPECT_EQ(sm_ids_to_text({}), "");
  EXPECT_EQ(sm_ids_to_text({7}), "7");
  EXPECT_EQ(sm_ids_to_text({0, 1, 2, 5, 8, 9}), "0-2,5,8-9");
  EXPECT_EQ(sm_ids_from_text(""), Ids{});
  EXPECT_EQ(sm_ids_from_text("0-2,5,8-9"), (Ids{0, 1, 2, 5, 8, 9}));
}

TEST(SmIds, OtherTextIsRefused) {
  for (const char* text : {"x", "1-", "-1", "1,,2", "0-99999999", "1;2"})
    EXPECT_THROW(sm_ids_from_text(text), config::BadInput) << text;
}

}  // namespace
}  // namespace mlawave::record
