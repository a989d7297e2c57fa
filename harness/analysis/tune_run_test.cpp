#include "harness/analysis/tune_run.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/analysis/tune_report.h"
#include "harness/config/bad_input.h"

namespace mlawave::analysis {
namespace {

record::Record row(api::Backend backend, int chunk, int sms, std::int64_t n_kv, double time_us,
                   double main_us) {
  record::Record r;
  r.what.backend = backend;
  r.what.kernel = "tile_reuse";
  r.what.policy.chunk = chunk;
  r.what.sms = sms;
  r.what.n_kv = n_kv;
  r.status = record::Status::ok;
  r.plan.sms = r.plan.slots = sms;
  r.plan.n_tiles = 1;
  r.plan.partials = 2;
  const std::int64_t units = schedule::ceil_div(n_kv, chunk);
  r.plan.max_load = schedule::ceil_div(units, sms);
  r.samples = {{time_us, 0, false}};
  r.main_samples = {{main_us, 0, false}};
  r.summary = {time_us, time_us, time_us, 0, 1};
  return r;
}

record::Run run_of(api::Backend backend) {
  record::Run run;
  run.info.devices.resize(1);
  run.info.devices[0].backend = backend;
  run.info.devices[0].name = "a card";
  for (int sms : {2, 4})
    for (int chunk : {64, 256})
      for (std::int64_t n = 256; n <= 2048; n += 256) {
        const double main_us = static_cast<double>(schedule::ceil_div(n, chunk * sms) * chunk) / 10;
        run.records.push_back(row(backend, chunk, sms, n, main_us + 640.0 / chunk, main_us));
      }
  return run;
}

TEST(TuneRun, AProblemEachWithItsCombine) {
  const auto all = tune_run(run_of(api::Backend::cuda), "r", {});
  ASSERT_EQ(all.size(), 2u);  // SM counts
  EXPECT_EQ(all[0].sms, 2);
  EXPECT_EQ(all[0].judgement.rows, 8u);
  for (const Judged& c : all[0].judgement.choices) {
    EXPECT_NEAR(*c.combine_us, 640.0 / c.policy.chunk, 1e-9);
    EXPECT_FALSE(c.combine_modelled);
  }
}

TEST(TuneRun, ARangeOfNkv) {
  const auto all = tune_run(run_of(api::Backend::cuda), "r", {512, 1024});
  EXPECT_EQ(all[0].judgement.rows, 3u);
  EXPECT_EQ(all[0].judgement.first_n_kv, 512);
}

TEST(TuneRun, PredictedIsNeverCalledMeasured) {
  const auto predicted = tune_run(run_of(api::Backend::model), "r", {});
  EXPECT_NE(as_text(predicted[0]).find("PREDICTED for a card (model)"), std::string::npos);
  EXPECT_EQ(as_text(predicted[0]).find("Measured"), std::string::npos);
  const auto json = nlohmann::json::parse(as_json(predicted));
  EXPECT_EQ(json["tunings"][0]["measured"], false);
  EXPECT_EQ(json["tunings"][0]["choices"].size(), 2u);
  const auto measured = tune_run(run_of(api::Backend::cuda), "r", {});
  EXPECT_EQ(as_text(measured[0]).find("PREDICTED"), std::string::npos);
}

TEST(TuneRun, WithoutPhasesOrAFitTheCombineIsNotKnown) {
  record::Run run = run_of(api::Backend::cuda);
  for (record::Record& r : run.records) {
    r.main_samples.clear();
    r.what.cache = config::Cache::hot;  // the time model is for cold caches
  }
  for (const Tuning& t : tune_run(run, "r", {}))
    for (const Judged& c : t.judgement.choices) EXPECT_FALSE(c.combine_us);
}

TEST(TuneRun, NothingToJudge) {
  EXPECT_THROW(tune_run(record::Run{}, "r", {}), config::BadInput);
  EXPECT_THROW(tune_run(run_of(api::Backend::cuda), "r", {10000, 20000}), config::BadInput);
}

}  // namespace
}  // namespace mlawave::analysis
