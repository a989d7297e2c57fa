#include "harness/export/derived.h"

#include <gtest/gtest.h>

namespace mlawave::exporting {
namespace {

record::Record timed_row() {
  record::Record r;
  r.what.n_kv = 65536;
  r.status = record::Status::ok;
  r.summary.time_us = 50;
  r.plan.units = 256;
  r.plan.slots = 132;
  r.plan.max_load = 2;
  return r;
}

TEST(Derived, RatesOfOneRow) {
  // 65536 · 1152 B + 16 · (2 · (576 + 512) + 4) B = 75 532 352 B; 2 · 1088 · 16 · 65536 flops.
  const Derived d = derive(timed_row(), {3057, 798});
  EXPECT_DOUBLE_EQ(*d.tokens_per_s, 20000);
  EXPECT_DOUBLE_EQ(*d.gb_per_s, 75532352 / 50e3);
  EXPECT_DOUBLE_EQ(*d.tflop_per_s, 2281701376 / 50e6);
  EXPECT_DOUBLE_EQ(*d.efficiency, 256.0 / 264.0);
  EXPECT_NEAR(*d.fraction_of_ceiling, 24.708 / 50, 1e-4);  // memory bound: 24.7 µs at 3057 GB/s
  EXPECT_FALSE(d.main_us);
}

TEST(Derived, ComputeBoundRowTakesTheComputeCeiling) {
  record::Record r = timed_row();
  r.what.heads = 128;
  r.what.s_q = 2;
  r.what.batch = 4;
  r.what.n_kv = 1000;
  // 2 · 1088 · 256 rows · 4000 tokens = 2.228224 GFLOP: 2.792 µs at 798 TFLOP/s; 2.29 µs of bytes.
  const Derived d = derive(r, {3057, 798});
  EXPECT_NEAR(*d.fraction_of_ceiling, 2.228224e9 / 798e6 / 50, 1e-9);
  EXPECT_DOUBLE_EQ(*d.tokens_per_s, 8 / 50e-6);
}

TEST(Derived, WithoutCeilingsThereIsNoFraction) {
  EXPECT_FALSE(derive(timed_row(), {}).fraction_of_ceiling);
}

TEST(Derived, RowsWithoutATimeHaveNoRates) {
  for (auto status : {record::Status::skipped, record::Status::wrong, record::Status::failed,
                      record::Status::not_run}) {
    record::Record r = timed_row();
    r.status = status;
    const Derived d = derive(r, {3057, 798});
    EXPECT_FALSE(d.tokens_per_s || d.gb_per_s || d.tflop_per_s || d.fraction_of_ceiling);
    EXPECT_TRUE(d.efficiency);
  }
  record::Record r = timed_row();
  r.summary.time_us = 0;
  EXPECT_FALSE(derive(r, {}).tokens_per_s);
  r.plan.max_load = 0;  // n_kv = 0: no unit at all
  EXPECT_FALSE(derive(r, {}).efficiency);
}

TEST(Derived, MainPhaseIsTheMedianOfItsSoundSamples) {
  record::Record r = timed_row();
  r.main_samples = {{40, 1980, false}, {10, 1200, true}, {42, 1980, false}};
  EXPECT_DOUBLE_EQ(*derive(r, {}).main_us, 41);
}

}  // namespace
}  // namespace mlawave::exporting
