#include "harness/export/projected.h"

#include <gtest/gtest.h>

#include <sstream>

#include "harness/export/llama.h"

namespace mlawave::exporting {
namespace {

record::Record row(int heads, int batch) {
  record::Record r;
  r.what.kernel = "tile_reuse";
  r.what.heads = heads;
  r.what.batch = batch;
  r.what.n_kv = 1024;
  r.status = record::Status::ok;
  r.samples = {{90, 0, false}, {100, 0, false}, {110, 0, false}};
  return r;
}

// 27 layers × 100 µs + 7.3 ms = 10 ms: 100 tokens a second.
TEST(Projected, LayersTimesAttentionPlusTheRest) {
  const auto card = model::find_card("deepseek-v2-lite");
  const auto all = projected(std::vector{row(16, 1), row(128, 1), row(16, 2)}, card, {7.3, ""});
  ASSERT_EQ(all.size(), 1u);
  EXPECT_NEAR(all[0].summary.time_us, 10000, 1e-9);
  EXPECT_NEAR(all[0].samples[0].time_us, 27 * 90 + 7300, 1e-9);
  std::ostringstream out;
  write_sweep_bench(out, all, "Projection");
  EXPECT_EQ(out.str().substr(0, 14), "Projection\n\n##");
  EXPECT_NE(out.str().find("| 0.010000000 |      100.00 |"), std::string::npos);
}

}  // namespace
}  // namespace mlawave::exporting
