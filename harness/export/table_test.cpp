#include "harness/export/table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

namespace mlawave::exporting {
namespace {

record::Record measured_row() {
  record::Record r;
  r.what.kernel = "tile_reuse";
  r.what.sms = 76;
  r.what.n_kv = 19456;
  r.status = record::Status::ok;
  r.plan.n_tiles = 1;
  r.plan.ctas_per_sm = 1;
  r.plan.slots = 76;
  r.plan.units = 76;
  r.plan.max_load = 1;
  r.plan.partials = 76;
  r.partition = {76, 76, record::SmMode::partition, {}};
  r.error = record::Error{0.0005, 0.01, 0, 0.001};
  r.summary = {25, 24.5, 25.5, 0.25, 9};
  r.samples = {{25, 1980, false}, {24, 1500, true}, {26, 1970, false}, {25, 1975, false}};
  return r;
}

record::Record skipped_row() {
  record::Record r;
  r.what.kernel = "baseline";
  r.what.ragged = {3, 1};
  r.what.batch = 2;
  r.what.n_kv = 3;
  r.status = record::Status::skipped;
  r.reason = "needs 9 GB, has 8 \"free\"";
  return r;
}

std::string csv(const std::vector<record::Record>& rows) {
  std::ostringstream out;
  write_csv(out, rows, {});
  return out.str();
}

TEST(Csv, OneRowPerRecordAndEmptyFieldsWhereNothingIsKnown) {
  EXPECT_EQ(
      csv({measured_row(), skipped_row()}),
      "backend,kernel,schedule,batch,n_kv,heads,s_q,sms,chunk,layout,dtype,cache,status,time_us,"
      "time_us_lo,time_us_hi,tokens_per_s,gb_per_s,tflop_per_s,units,slots,max_load,efficiency,"
      "sm_clock_mhz,sms_true,mode,tiles,ctas_per_sm,mad_us,samples,main_us,fraction_of_ceiling,"
      "error,reason,ragged,splits,partials,schedule_us,page_size,chosen_by\n"
      "cuda,tile_reuse,stream_k,1,19456,16,1,76,256,rope_nope,f16,cold,ok,25,24.5,25.5,40000,"
      "897.92768,27.09520384,76,76,1,1,1975,76,partition,1,1,0.25,9,,,0.0005,,,,76,,0,\n"
      "cuda,baseline,stream_k,2,3,16,1,0,256,rope_nope,f16,cold,skipped,,,,,,,,,,,,,,,,,0,,,,"
      "\"needs 9 GB, has 8 \"\"free\"\"\",3+1,,,,0,\n");
}

TEST(Csv, NeverHoldsNan) {
  record::Record r = measured_row();
  r.summary.time_us = std::nan("");
  r.summary.mad_us = INFINITY;
  r.error->relative_frobenius = std::nan("");
  const std::string text = csv({r});
  EXPECT_EQ(text.find("nan"), std::string::npos);
  EXPECT_EQ(text.find("inf"), std::string::npos);
}

TEST(Json, SameNamesAndNullWhereNothingIsKnown) {
  std::ostringstream out;
  const std::vector<record::Record> rows{measured_row(), skipped_row()};
  record::RunInfo run;
  run.devices.resize(1);
  run.devices[0].ceilings = {3000, 800};
  write_json(out, rows, run);
  const auto json = nlohmann::json::parse(out.str());
  ASSERT_EQ(json.size(), 2u);
  EXPECT_EQ(json[0]["time_us"], 25.0);
  EXPECT_EQ(json[0]["mode"], "partition");
  EXPECT_NEAR(json[0]["fraction_of_ceiling"].get<double>(), 897.92768 / 3000, 1e-9);
  EXPECT_TRUE(json[1]["time_us"].is_null());
  EXPECT_EQ(json[1]["reason"], "needs 9 GB, has 8 \"free\"");
  EXPECT_EQ(json[0].size(), json[1].size());
}

TEST(Json, NoRecordsAreAnEmptyArray) {
  std::ostringstream out;
  write_json(out, {}, {});
  EXPECT_TRUE(nlohmann::json::parse(out.str()).empty());
}

}  // namespace
}  // namespace mlawave::exporting
