#include "harness/record/json_line.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "harness/config/bad_input.h"
#include "harness/record/sample_run.h"

namespace mlawave::record {
namespace {

using Json = nlohmann::json;

template <class T>
T there_and_back(const T& value) {
  return std::get<T>(from_line(to_line(value)));
}

// Every field survives: what is read writes the same line.
TEST(JsonLine, ComesBackAsItWas) {
  for (const Record& r : {sample::measured(), sample::skipped(), sample::wrong()})
    EXPECT_EQ(to_line(there_and_back(r)), to_line(r));
  EXPECT_EQ(to_line(there_and_back(sample::aa())), to_line(sample::aa()));
  EXPECT_EQ(to_line(there_and_back(sample::resumption())), to_line(sample::resumption()));
  // The config's keys come back sorted, which the header's writer keeps.
  EXPECT_EQ(to_line(there_and_back(sample::run_info())), to_line(sample::run_info()));
}

TEST(JsonLine, CaseIsTheSameCase) {
  const Record r = there_and_back(sample::measured());
  EXPECT_EQ(r.what.id(), sample::measured().what.id());
  EXPECT_EQ(r.id, r.what.id());
  EXPECT_EQ(r.partition.sm_ids, (std::vector{0, 1, 2, 3, 40, 42, 43}));
  EXPECT_EQ(r.plan.max_load, 2);
  EXPECT_EQ(*r.sensors.power_w, 350.5);
}

TEST(JsonLine, SummaryIsRecomputedFromValidSamples) {
  Json j = Json::parse(to_line(sample::measured()));
  EXPECT_EQ(j["summary"]["time_us"], 17.25);
  EXPECT_EQ(j["summary"]["samples"], 3);
  j["summary"]["time_us"] = 1;  // a lie in the file is not believed
  const auto r = std::get<Record>(from_line(j.dump()));
  EXPECT_EQ(r.summary.time_us, 17.25);
  EXPECT_EQ(r.summary.time_us_lo, 17.125);
  EXPECT_EQ(r.summary.time_us_hi, 17.5);
  EXPECT_EQ(r.summary.mad_us, 0.125);
}

TEST(JsonLine, AaRatioIsOfPairsThatCount) {
  const AaCheck a = there_and_back(sample::aa());
  EXPECT_DOUBLE_EQ(a.ratio, 1.0375);  // of 1.025 and 1.05
}

TEST(JsonLine, NumbersThatAreNotFiniteAreNull) {
  const std::string line = to_line(sample::wrong());
  EXPECT_NE(line.find("\"relative_frobenius\":null"), line.npos);
  EXPECT_EQ(line.find("inf"), line.npos);
  EXPECT_TRUE(std::isnan(there_and_back(sample::wrong()).error->relative_frobenius));
}

TEST(JsonLine, TextThatIsNotUtf8StaysValidJson) {
  Record r = sample::skipped();
  r.reason = "bad \xff byte";
  EXPECT_NO_THROW(there_and_back(r));
}

std::string error_of(const std::string& line) {
  try {
    from_line(line);
  } catch (const config::BadInput& e) {
    return e.what();
  }
  return "no error";
}

TEST(JsonLine, ErrorsNameTheKey) {
  const Json good = Json::parse(to_line(sample::measured()));
  const auto changed = [&](const char* key, Json value) {
    Json j = good;
    j[key] = std::move(value);
    return error_of(j.dump());
  };
  EXPECT_EQ(error_of("[1]"), "not a JSON object");
  EXPECT_EQ(changed("kind", "cake"), "key \"kind\": unknown name \"cake\"");
  EXPECT_EQ(changed("dtype", "f8"), "key \"dtype\": unknown name \"f8\"");
  EXPECT_NE(changed("heads", "x").find("key \"heads\""), std::string::npos);
  EXPECT_NE(
      changed("samples",
              {{"time_us", {1}}, {"sm_clock_mhz", Json::array()}, {"throttled", Json::array()}})
          .find("differ in length"),
      std::string::npos);
  EXPECT_EQ(changed("heads", 1e300), "key \"heads\": got 1e+300, expected a whole number");
  EXPECT_EQ(changed("heads", std::int64_t{1} << 40),
            "key \"heads\": got 1099511627776, expected a whole number");
  Json missing = good;
  missing.erase("n_kv");
  EXPECT_EQ(error_of(missing.dump()), "key \"n_kv\" is missing");
  EXPECT_NE(error_of("{\"kind\":").find("parse error"), std::string::npos);
}

// Whatever a line became, it is read or refused.
RC_GTEST_PROP(JsonLineProperty, DamageIsNeverACrash, ()) {
  std::string line = to_line(*rc::gen::element(sample::measured(), sample::skipped()));
  const int changes = *rc::gen::inRange(1, 4);
  for (int i = 0; i < changes; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, line.size());
    switch (*rc::gen::inRange(0, 3)) {
      case 0:
        line[at] = *rc::gen::arbitrary<char>();
        break;
      case 1:
        line.erase(at, *rc::gen::inRange(1, 20));
        break;
      case 2:
        line.insert(at, *rc::gen::element<std::string>("9999999999", "null", "[", "-", ",", "e9"));
        break;
    }
    if (line.empty()) break;
  }
  try {
    from_line(line);
  } catch (const config::BadInput&) {
  }
}

TEST(JsonLine, AnotherSchemaVersionIsNotRead) {
  RunInfo r = sample::run_info();
  r.schema_version = 99;
  EXPECT_EQ(error_of(to_line(r)), "schema_version is 99, this program reads 1");
}

}  // namespace
}  // namespace mlawave::record
