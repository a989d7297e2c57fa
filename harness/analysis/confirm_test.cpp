#include "harness/analysis/confirm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/analysis/confirm_report.h"
#include "harness/analysis/contrast.h"
#include "harness/analysis/explain.h"
#include "harness/analysis/from_run.h"
#include "harness/analysis/scatter_test.h"

namespace mlawave::analysis {
namespace {

constexpr int kDeviceSms = 132;
constexpr double kUnitUs = 8;  // a chunk of 256

using Time = std::function<double(const plan::Case&, const api::PlanInfo&)>;

double smooth(const plan::Case& c) { return 40 + 0.0006 * static_cast<double>(c.n_kv); }

// A unit's time for every round of the schedule.
double waves(const plan::Case& c, const api::PlanInfo& i) {
  return smooth(c) + kUnitUs * c.policy.chunk / 256 * static_cast<double>(i.max_load);
}

// Steps at three n_kv that are multiples of 19456, whatever SMs and chunk.
double fixed_steps(const plan::Case& c, const api::PlanInfo&) {
  return smooth(c) + kUnitUs * static_cast<double>((c.n_kv - 1) / 19456);
}

Time noisy(const Time& time, double us) {
  return [=](const plan::Case& c, const api::PlanInfo& i) {
    return time(c, i) + us * scatter((c.n_kv + 7 * c.policy.chunk) / 16);
  };
}

record::Record record_of(const plan::Case& c, const Time& time) {
  record::Record r;
  r.what = c;
  r.id = c.id();
  r.status = record::Status::ok;
  r.plan.n_tiles = 1;
  r.plan.ctas_per_sm = 1;
  r.plan.sms = r.plan.slots = c.sms;
  r.plan.max_load = schedule::Work(c.policy, {c.n_kv}, 1, c.sms).max_load();
  r.partition.sms_asked = r.partition.sms = c.sms;
  r.summary.time_us = r.summary.time_us_lo = r.summary.time_us_hi = time(c, r.plan);
  r.summary.samples = 9;
  return r;
}

record::Run run_of(const std::vector<plan::Case>& cases, const Time& time) {
  record::Run run;
  record::DeviceInfo device;
  device.sms = kDeviceSms;
  run.info.devices = {device};
  run.info.config_json = "{}";
  for (const plan::Case& c : cases) run.records.push_back(record_of(c, time));
  return run;
}

// 76 SMs, chunk 256: steps at 19456, 38912, 58368.
record::Run pr408(const Time& time, schedule::Kind kind = schedule::Kind::stream_k) {
  std::vector<plan::Case> cases;
  for (std::int64_t n = 256; n <= 66560; n += 256) {
    plan::Case c;
    c.kernel = "tile_reuse";
    c.policy.kind = kind;
    c.sms = 76;
    c.n_kv = n;
    cases.push_back(c);
  }
  return run_of(cases, time);
}

std::optional<Dealt> everything(const plan::Case& c) { return Dealt{c.sms, 1}; }

ConfirmPlan plan_of(const record::Run& run, const Probe& probe = everything) {
  const auto series = series_of(run, "run");
  const auto explanations = explain_all(series);
  return plan_confirmation(run, series, explanations, probe);
}

Confirmation confirm(const Time& found, const Time& then, const Probe& probe = everything) {
  const ConfirmPlan plan = plan_of(pr408(found), probe);
  return judge(plan, run_of(plan.cases(), then));
}

const Experiment& of(const DipTest& d, Change change) {
  return *std::find_if(d.experiments.begin(), d.experiments.end(),
                       [&](const Experiment& e) { return e.change == change; });
}
const ExperimentResult& of(const DipResult& d, Change change) {
  return *std::find_if(d.experiments.begin(), d.experiments.end(),
                       [&](const ExperimentResult& e) { return e.planned.change == change; });
}

TEST(ConfirmPlan, EveryDipMovesWithSmsAndWithChunk) {
  const ConfirmPlan plan = plan_of(pr408(noisy(waves, 0.1)));
  ASSERT_EQ(plan.series.size(), 1u);
  ASSERT_EQ(plan.series[0].dips.size(), 3u);
  for (const DipTest& d : plan.series[0].dips) {
    const Experiment& sms = of(d, Change::sms);
    const Experiment& chunk = of(d, Change::chunk);
    EXPECT_NE(sms.what.sms, 76);
    EXPECT_EQ(sms.what.policy.chunk, 256);
    EXPECT_EQ(chunk.what.sms, 76);
    EXPECT_NE(chunk.what.policy.chunk, 256);
    EXPECT_NEAR(sms.predicted_us, kUnitUs, 0.5);
    EXPECT_NEAR(chunk.predicted_us, kUnitUs * chunk.what.policy.chunk / 256, 1);
  }
}

// What the two sites must be by the schedule's own rule.
TEST(ConfirmPlan, RowsLieOnPlateausAndInsideTheMeasuredRange) {
  const ConfirmPlan plan = plan_of(pr408(noisy(waves, 0.1)));
  for (const DipTest& d : plan.series[0].dips)
    for (const Experiment& e : d.experiments) {
      ASSERT_EQ(e.impossible, "");
      const int chunk = e.what.policy.chunk;
      const auto load = [&](std::int64_t n) {
        return schedule::Work(e.what.policy, {n}, 1, e.what.sms).max_load();
      };
      const auto old_load = [&](std::int64_t n) { return (n + 19455) / 19456; };
      EXPECT_EQ(e.boundary, schedule::boundary(e.m, chunk, e.what.sms, 1));
      EXPECT_EQ(e.at_new.before.back(), e.boundary);
      EXPECT_EQ(e.at_new.after.front(), e.boundary + chunk);
      EXPECT_EQ(load(e.at_new.before.front()), e.m);
      EXPECT_EQ(load(e.at_new.after.back()), e.m + 1);
      EXPECT_EQ(old_load(e.at_new.before.front() - 255), old_load(e.at_new.after.back()));
      EXPECT_EQ(load(e.at_old.before.front()), load(e.at_old.after.back()));
      EXPECT_EQ(e.at_old.before.back(), d.dip.boundary);
      EXPECT_EQ(e.at_old.after.front(), d.dip.n_kv);
      EXPECT_GE(std::min(e.at_new.before.front(), e.at_old.before.front()), 256);
      EXPECT_LE(std::max(e.at_new.after.back(), e.at_old.after.back()), 66560);
    }
}

TEST(ConfirmPlan, DipsShareSettingsAndPointsAreFew) {
  const ConfirmPlan plan = plan_of(pr408(noisy(waves, 0.1)));
  std::set<int> sms, chunks;
  for (const DipTest& d : plan.series[0].dips) {
    sms.insert(of(d, Change::sms).what.sms);
    chunks.insert(of(d, Change::chunk).what.policy.chunk);
  }
  EXPECT_EQ(sms.size(), 1u);
  EXPECT_EQ(chunks.size(), 1u);
  EXPECT_LE(plan.cases().size(), 3u * 2 * 2 * 2 * kRowsPerSide);
  EXPECT_NE(in_short(plan).find("3 dips"), std::string::npos);
}

TEST(ConfirmPlan, TakesWhatDeviceAndKernelCan) {
  const Probe even = [](const plan::Case& c) {
    return c.sms % 2 == 0 && c.policy.chunk % 128 == 0 ? everything(c) : std::nullopt;
  };
  const ConfirmPlan plan = plan_of(pr408(noisy(waves, 0.1)), even);
  for (const DipTest& d : plan.series[0].dips) {
    EXPECT_EQ(of(d, Change::sms).what.sms % 2, 0);
    EXPECT_EQ(of(d, Change::chunk).what.policy.chunk % 128, 0);
  }
}

// A kernel that has twice the slots at other SM counts: the prediction follows what it says.
TEST(ConfirmPlan, AsksTheKernelForItsSlots) {
  const Probe two = [](const plan::Case& c) { return Dealt{c.sms == 76 ? 76 : 2 * c.sms, 1}; };
  const ConfirmPlan plan = plan_of(pr408(noisy(waves, 0.1)), two);
  for (const DipTest& d : plan.series[0].dips) {
    const Experiment& e = of(d, Change::sms);
    if (e.impossible.empty()) {
      EXPECT_EQ(e.boundary, schedule::boundary(e.m, 256, 2 * e.sms, 1));
    }
  }
}

TEST(ConfirmPlan, ASplitScheduleMovesWithTheChunkAlone) {
  const ConfirmPlan plan = plan_of(pr408(noisy(waves, 0.1), schedule::Kind::split_kv));
  ASSERT_FALSE(plan.series.empty());
  const DipTest& d = plan.series[0].dips[1];
  EXPECT_NE(of(d, Change::sms).impossible.find("clearly away"), std::string::npos)
      << of(d, Change::sms).impossible;
  EXPECT_EQ(of(d, Change::chunk).impossible, "");
}

TEST(Confirm, TrueWavesAreConfirmed) {
  const Confirmation c = confirm(noisy(waves, 0.1), noisy(waves, 0.1));
  EXPECT_EQ(c.count(Outcome::confirmed), 3u) << as_text(c);
  for (const DipResult& d : c.series[0].dips)
    for (const ExperimentResult& e : d.experiments)
      EXPECT_EQ(e.outcome, Outcome::confirmed) << as_text(c);
}

TEST(Confirm, StepsFixedAtTheirPlaceAreRefuted) {
  const Confirmation c = confirm(noisy(fixed_steps, 0.1), noisy(fixed_steps, 0.1));
  EXPECT_EQ(c.count(Outcome::refuted), 3u) << as_text(c);
  const auto& sms = of(c.series[0].dips[0], Change::sms);
  EXPECT_EQ(sms.at_new->step, Step::none);
  EXPECT_EQ(sms.at_old->step, Step::shows);
}

TEST(Confirm, StepsThatFollowTheSmsButNotTheChunkAreRefuted) {
  const Time half = [](const plan::Case& c, const api::PlanInfo& i) {
    plan::Case like = c;
    like.policy.chunk = 256;
    api::PlanInfo info = i;
    info.max_load = schedule::Work(like.policy, {c.n_kv}, 1, c.sms).max_load();
    return waves(like, info);
  };
  const Confirmation c = confirm(noisy(half, 0.1), noisy(half, 0.1));
  EXPECT_EQ(c.count(Outcome::refuted), 3u) << as_text(c);
  EXPECT_EQ(of(c.series[0].dips[0], Change::sms).outcome, Outcome::confirmed);
  EXPECT_NE(c.series[0].dips[0].reason.find("chunk: "), std::string::npos);
}

TEST(Confirm, ADipThatIsGoneEverywhereIsRefuted) {
  const Time none = [](const plan::Case& c, const api::PlanInfo&) { return smooth(c); };
  const Confirmation c = confirm(noisy(waves, 0.1), noisy(none, 0.1));
  EXPECT_EQ(c.count(Outcome::refuted), 3u);
  EXPECT_NE(c.series[0].dips[0].reason.find("no step at the new place"), std::string::npos);
}

TEST(Confirm, WithOneSmCountTheChunkDecidesAlone) {
  const Probe same_sms = [](const plan::Case& c) {
    return c.sms == 76 ? everything(c) : std::nullopt;
  };
  const Confirmation c = confirm(noisy(waves, 0.1), noisy(waves, 0.1), same_sms);
  EXPECT_EQ(c.count(Outcome::confirmed), 3u) << as_text(c);
  EXPECT_NE(of(c.series[0].dips[0], Change::sms).reason.find("can't make any of the"),
            std::string::npos);
}

TEST(ConfirmPlan, ADeviceOfOneSmHasNoOtherSmCount) {
  record::Run run = pr408(noisy(waves, 0.1));
  const auto series = series_of(run, "run");
  auto explanations = explain_all(series);
  run.info.devices[0].sms = 1;
  for (record::Record& r : run.records) r.plan.slots = 1;
  auto one = series;
  one[0].known.sms = 1;
  const ConfirmPlan plan = plan_confirmation(run, one, explanations, everything);
  EXPECT_EQ(of(plan.series[0].dips[0], Change::sms).impossible,
            "device and kernel have no other SM count");
}

TEST(Confirm, WithoutAnyOtherSettingNothingIsTestable) {
  const auto nothing = [](const plan::Case&) { return std::optional<Dealt>(); };
  const ConfirmPlan plan = plan_of(pr408(noisy(waves, 0.1)), nothing);
  EXPECT_TRUE(plan.cases().empty());
  const Confirmation c = judge(plan, {});
  EXPECT_EQ(c.count(Outcome::not_testable), 3u);
  for (const char* part : {"SM count: device or kernel", "; chunk: device or kernel"})
    EXPECT_NE(c.series[0].dips[0].reason.find(part), std::string::npos);
}

TEST(Confirm, NoiseThatHidesTheAnswerIsNoAnswer) {
  const Confirmation c = confirm(noisy(waves, 0.1), noisy(waves, 12));
  EXPECT_EQ(c.count(Outcome::not_testable), 3u) << as_text(c);
  EXPECT_NE(c.series[0].dips[0].reason.find("noise hides"), std::string::npos);
}

TEST(ConfirmPlan, AJumpUnderTheNoiseIsNotMeasured) {
  const record::Run run = pr408(noisy(waves, 0.1));
  const auto series = series_of(run, "run");
  auto explanations = explain_all(series);
  explanations[0].noise_percent = 20;  // of about 70 us; the jumps are 8 us
  const ConfirmPlan plan = plan_confirmation(run, series, explanations, everything);
  EXPECT_TRUE(plan.cases().empty());
  EXPECT_NE(plan.series[0].dips[0].experiments[0].impossible.find("lost in the noise"),
            std::string::npos);
}

TEST(Confirm, MissingRowsAreNamed) {
  const ConfirmPlan plan = plan_of(pr408(noisy(waves, 0.1)));
  record::Run run = run_of(plan.cases(), noisy(waves, 0.1));
  for (record::Record& r : run.records) {
    r.status = record::Status::skipped;
    r.reason = "needs 9 bytes";
  }
  const Confirmation c = judge(plan, run);
  EXPECT_EQ(c.count(Outcome::not_testable), 3u);
  EXPECT_NE(c.series[0].dips[0].reason.find("skipped: needs 9 bytes"), std::string::npos);
  EXPECT_NE(judge(plan, {}).series[0].dips[0].reason.find("not measured"), std::string::npos);
}

TEST(Confirm, ARunWithoutDipsHasNothingToConfirm) {
  const Time none = [](const plan::Case& c, const api::PlanInfo&) { return smooth(c); };
  const ConfirmPlan plan = plan_of(pr408(noisy(none, 0.1)));
  EXPECT_TRUE(plan.series.empty());
  EXPECT_EQ(as_text(judge(plan, {})), "No dip was found, so there is nothing to confirm.\n");
}

TEST(Confirm, JsonSaysPredictionAndFinding) {
  const Confirmation c = confirm(noisy(waves, 0.1), noisy(waves, 0.1));
  const auto j = nlohmann::json::parse(as_json(c));
  EXPECT_EQ(j["confirmed"], 3);
  EXPECT_EQ(j["refuted"], 0);
  EXPECT_EQ(j["points"], c.points);
  const auto& dip = j["series"][0]["dips"][0];
  EXPECT_EQ(dip["boundary"], 19456);
  EXPECT_EQ(dip["result"], "confirmed");
  const auto& e = dip["experiments"][0];
  EXPECT_EQ(e["change"], "sms");
  EXPECT_EQ(e["boundary"], e["slots"].get<int>() * 256);
  EXPECT_EQ(e["at_new"]["step"], "shows");
  EXPECT_EQ(e["at_old"]["step"], "none");
  EXPECT_LT(e["at_new"]["interval_us"][0], e["at_new"]["jump_us"]);
}

TEST(DealingTest, BoundariesAreTheSchedulesOwn) {
  const Dealing s{{schedule::Kind::stream_k, 256, 16}, 132, 8, 1};
  for (std::int64_t m = 1; m < 9; ++m)
    EXPECT_EQ(boundary_of(s, m, 100000), schedule::boundary(m, 256, 132, 8));
  EXPECT_EQ(boundary_of(s, 1, 4096), std::nullopt);
  EXPECT_EQ(boundary_of(s, 1, 4097), 4096);
  EXPECT_TRUE(is_flat(s, 4352, 8448, 256));
  EXPECT_FALSE(is_flat(s, 4351, 8448, 256));
  EXPECT_FALSE(is_flat(s, 4352, 8449, 256));
  EXPECT_DOUBLE_EQ(distance_to_boundary(s, 4096), 0);
  EXPECT_DOUBLE_EQ(distance_to_boundary(s, 6272), 0.5);
}

TEST(Contrast, JumpOnASlope) {
  const std::vector<Row> before{{100, 10, 0}, {200, 11, 0}, {300, 12, 0}};
  const std::vector<Row> after{{500, 19, 0}, {600, 20, 0}, {700, 21, 0}};
  const Contrast c = contrast_of(before, after);
  EXPECT_NEAR(c.jump_us, 5, 1e-12);
  EXPECT_NEAR(c.level_us, 12, 1e-12);
  EXPECT_NEAR(c.squares, 0, 1e-20);
  EXPECT_EQ(c.freedom, 3);
  EXPECT_NEAR(c.error_factor, error_factor(3, 100, 200), 1e-12);
}

TEST(Contrast, StudentsT) {  // tables
  EXPECT_NEAR(student_t(3), 3.182, 0.03);
  EXPECT_NEAR(student_t(10), 2.228, 0.001);
  EXPECT_NEAR(student_t(30), 2.042, 0.001);
}

}  // namespace
}  // namespace mlawave::analysis
