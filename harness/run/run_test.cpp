#include "harness/run/run.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <stdexcept>

#include "harness/config/bad_input.h"
#include "harness/record/read_run.h"
#include "harness/run/board.h"
#include "harness/run/fake_device.h"

namespace mlawave::run {
namespace {

namespace fs = std::filesystem;
using record::Status;

class SweepTest : public testing::Test {
 protected:
  SweepTest() : good("good", device), bad("bad", device) {
    options.out_dir =
        fs::path(testing::TempDir()) /
        (std::string("sweep_") + testing::UnitTest::GetInstance()->current_test_info()->name() +
         std::to_string(::getpid()));
    fs::remove_all(options.out_dir);
    config.kernels = {"good", "bad"};
    config.n_kv = {256, 512};
    config.policy.aa_fraction = 0;
    config.policy.min_samples = 3;
    config.policy.max_samples = 5;
  }
  ~SweepTest() override { fs::remove_all(options.out_dir); }

  Result go() {
    const std::vector<measure::Device*> devices{&device};
    return sweep(plan::Plan(config), kernels, devices, options);
  }
  record::Run file() const { return record::read_run(options.out_dir); }
  // Status of every record by kernel, in the file's order.
  std::vector<Status> statuses(const std::string& kernel) const {
    std::vector<Status> result;
    for (const auto& r : file().records)
      if (r.what.kernel == kernel) result.push_back(r.status);
    return result;
  }
  record::Record one_of(const std::string& kernel) const {
    for (const auto& r : file().records)
      if (r.what.kernel == kernel) return r;
    throw std::logic_error("no record of " + kernel);
  }

  fake::Device device;
  fake::Kernel good, bad;
  std::vector<const api::Kernel*> kernels{&good, &bad};
  config::SweepConfig config;
  Options options;
};

using Statuses = std::vector<Status>;

TEST_F(SweepTest, MeasuresEveryCase) {
  std::size_t told = 0;
  options.on_record = [&](const Progress& p) {
    ++told;
    EXPECT_EQ(p.counts.done(), told);
    EXPECT_EQ(p.total, 4u);
  };
  const Result result = go();
  EXPECT_EQ(result.counts.ok, 4u);
  EXPECT_EQ(result.exit_code(), 0);
  EXPECT_EQ(result.stopped_by, "");
  EXPECT_EQ(told, 4u);
  const record::Run run = file();
  ASSERT_EQ(run.records.size(), 4u);
  for (const record::Record& r : run.records) {
    EXPECT_EQ(r.status, Status::ok);
    EXPECT_EQ(r.id, r.what.id());
    EXPECT_EQ(r.summary.time_us, 10);
    EXPECT_EQ(r.samples.size(), 3u);
    EXPECT_EQ(r.stopped_by, "interval");
    EXPECT_EQ(r.timing, "batch");
    EXPECT_EQ(r.launches_per_sample, 16);
    EXPECT_EQ(r.cache_copies, 3);
    EXPECT_EQ(r.partition.sms, fake::kSms);
    EXPECT_EQ(r.plan.slots, fake::kSms);
    EXPECT_EQ(r.error->relative_frobenius, 0);
    EXPECT_EQ(r.command.rfind("mlawave sweep --backend cuda --kernel ", 0), 0u);
  }
  EXPECT_EQ(run.info.devices[0].ceilings.read_gb_per_s, 100);
  EXPECT_EQ(std::count_if(device.log.begin(), device.log.end(),
                          [](const auto& s) { return s.rfind("load", 0) == 0; }),
            2);
}

TEST_F(SweepTest, CasesOfAWorkloadAlternate) {
  config.n_kv = {256};
  go();
  // Launches: a verification each, a warm-up batch each, then three rounds of both.
  ASSERT_EQ(device.log.size(), 1 + 2 + 2 + 6 + 2u);
  for (std::size_t round = 5; round < 11; round += 2)
    EXPECT_NE(device.log[round], device.log[round + 1]);
}

TEST_F(SweepTest, WrongKernelIsNeverTimed) {
  bad.launch = [](int) { return false; };
  const Result result = go();
  EXPECT_EQ(result.counts.ok, 2u);
  EXPECT_EQ(result.counts.wrong, 2u);
  EXPECT_EQ(result.exit_code(), 1);
  EXPECT_EQ(statuses("bad"), (Statuses{Status::wrong, Status::wrong}));
  EXPECT_TRUE(one_of("bad").samples.empty());
  EXPECT_NE(one_of("bad").reason.find("relative error"), std::string::npos);
  EXPECT_EQ(std::count(device.log.begin(), device.log.end(), "launch bad"), 2);
}

TEST_F(SweepTest, WrongKernelCannotSpoilTheOthersInputs) {
  config.n_kv = {256};
  for (bool bad_first : {true, false}) {
    config.kernels = {"good", "bad"};
    if (bad_first) std::swap(config.kernels[0], config.kernels[1]);
    bad.launch = [](int) { return false; };
    bad.damages_inputs = true;
    EXPECT_EQ(go().counts.ok, 1u);
    EXPECT_EQ(one_of("good").status, Status::ok);
    fs::remove_all(options.out_dir);
  }
}

TEST_F(SweepTest, InputsThatCannotBeMadeAgainEndTheOthers) {
  config.n_kv = {256};
  config.kernels = {"bad", "good"};
  bad.launch = [](int) { return false; };
  device.loads_left = 1;
  const Result result = go();
  EXPECT_EQ(one_of("bad").status, Status::wrong);
  EXPECT_EQ(one_of("good").status, Status::skipped);
  EXPECT_EQ(result.exit_code(), 1);
}

TEST_F(SweepTest, KernelThatGoesWrongLaterHasNoTimes) {
  bad.launch = [](int n) { return n < 3; };
  const Result result = go();
  EXPECT_EQ(result.counts.wrong, 2u);
  EXPECT_EQ(result.counts.ok, 2u);
  EXPECT_TRUE(one_of("bad").samples.empty());
  EXPECT_EQ(one_of("bad").reason.rfind("right at first, wrong after the timing: ", 0), 0u);
}

TEST_F(SweepTest, ThrowingKernelFailsAloneWhereTheDeviceLives) {
  bad.launch = [](int n) -> bool {
    if (n == 2) throw std::runtime_error("launch: invalid argument");
    return true;
  };
  const Result result = go();
  EXPECT_EQ(result.counts.ok, 2u);
  EXPECT_EQ(result.counts.failed, 2u);
  EXPECT_EQ(result.exit_code(), 1);
  EXPECT_EQ(one_of("bad").reason, "launch: invalid argument");
  EXPECT_TRUE(one_of("bad").samples.empty());
}

// Death tests run the statement in another process; its file is read here.
using SweepDeathTest = SweepTest;

TEST_F(SweepDeathTest, CrashingKernelBecomesARecord) {
  config.n_kv = {256};
  bad.launch = [](int) -> bool {
    std::raise(SIGSEGV);
    return true;
  };
  EXPECT_EXIT(go(), testing::ExitedWithCode(1), "/bad/.*crashed");
  ASSERT_EQ(statuses("bad"), Statuses{Status::failed});
  EXPECT_EQ(one_of("bad").reason, "crashed: signal 11");
  // The rest is done by a resumed run, which does not try the crash again, nor forgets it.
  options.resume = true;
  const Result rest = go();
  EXPECT_EQ(rest.counts.resumed, 1u);
  EXPECT_EQ(rest.counts.failed, 1u);
  EXPECT_EQ(rest.counts.ok, 1u);
  EXPECT_EQ(rest.counts.done(), 2u);
  EXPECT_EQ(rest.exit_code(), 1);
}

TEST_F(SweepDeathTest, HangingKernelBecomesARecord) {
  config.n_kv = {256};
  config.kernels = {"bad"};
  bad.launch = [](int) -> bool {
    std::raise(SIGALRM);
    return true;
  };  // what its time limit does
  EXPECT_EXIT(go(), testing::ExitedWithCode(1), "hung");
  EXPECT_EQ(one_of("bad").reason, "a step took longer than 300 s: hung");
}

TEST_F(SweepTest, LostDeviceLeavesTheRestNotRun) {
  bad.launch = [this](int) -> bool {
    device.healthy_ = false;
    throw std::runtime_error("illegal memory access");
  };
  const Result result = go();
  EXPECT_EQ(result.counts.failed, 1u);
  EXPECT_EQ(result.counts.not_run, 3u);
  EXPECT_EQ(result.exit_code(), 1);
  for (const auto& r : file().records)
    EXPECT_NE(r.reason.find("illegal memory access"), std::string::npos);

  EXPECT_EQ(std::count(device.log.begin(), device.log.end(), "launch bad"), 1);

  // A resumed run tries again what was not run, and nothing else.
  device.healthy_ = true;
  bad.launch = [](int) { return true; };
  options.resume = true;
  const Result later = go();
  EXPECT_EQ(later.counts.resumed, 1u);
  EXPECT_EQ(later.counts.failed, 1u);
  EXPECT_EQ(later.counts.ok, 3u);
  EXPECT_EQ(file().records.size(), 4u);
}

// In a worker a lost device ends the process, and the next one opens it anew.
TEST_F(SweepTest, LostDeviceEndsAWorker) {
  Board board{};
  board.workers = 1;
  Worker worker(board);
  options.worker = &worker;
  bad.launch = [this](int) -> bool {
    device.healthy_ = false;
    throw std::runtime_error("illegal memory access");
  };
  const Result result = go();
  EXPECT_EQ(result.stopped_by, "device_lost");
  EXPECT_EQ(board.goes_on, 1);
  EXPECT_EQ(result.counts.failed, 1u);
  EXPECT_EQ(result.counts.not_run, 1u);  // of the same group; the other group has no line

  device.healthy_ = true;
  bad.launch = [](int) { return true; };
  board.workers = 2;
  const Result later = go();  // without `resume`: it is no first worker
  EXPECT_EQ(later.counts.failed, 1u);
  EXPECT_EQ(later.counts.ok, 3u);
  EXPECT_EQ(later.stopped_by, "");
}

// The next worker writes the record of the case that the one before died in.
TEST_F(SweepTest, LostCaseBecomesARecord) {
  config.n_kv = {256};
  Board board{};
  board.workers = 2;
  put(board.case_id, plan::Plan(config).at(0).id());
  put(board.lost_reason, "its process was killed by signal 9 (Killed)");
  Worker worker(board);
  options.worker = &worker;
  const Result result = go();
  EXPECT_EQ(result.counts.failed, 1u);
  EXPECT_EQ(result.counts.ok, 1u);
  const record::Run run = file();
  ASSERT_EQ(run.records.size(), 2u);
  EXPECT_EQ(run.records[0].status, Status::failed);
  EXPECT_EQ(run.records[0].reason, "its process was killed by signal 9 (Killed)");
  EXPECT_EQ(std::string(board.case_id), run.records[1].id);  // where it would have died
}

TEST_F(SweepTest, UnsupportedIsAReason) {
  bad.support = {false, "needs sm_90"};
  EXPECT_EQ(go().counts.skipped, 2u);
  EXPECT_EQ(one_of("bad").reason, "needs sm_90");
  EXPECT_EQ(one_of("good").status, Status::ok);
}

TEST_F(SweepTest, AutoIsRecordedAsTheKernelThatRan) {
  fake::Kernel wide("tile_reuse_sm90", device), portable("tile_reuse", device);
  wide.support = {false, "not on Tuesdays"};
  kernels = {&wide, &portable};
  config.kernels = {"auto", "tile_reuse"};
  EXPECT_EQ(go().counts.ok, 4u);
  int chosen = 0;
  for (const record::Record& r : file().records) {
    EXPECT_EQ(r.what.kernel, "tile_reuse");
    EXPECT_EQ(r.id, r.what.id());
    if (r.what.chosen_by.empty()) continue;
    ++chosen;
    EXPECT_NE(r.id.find("/auto/"), r.id.npos) << r.id;
    EXPECT_NE(r.command.find("--kernel auto "), r.command.npos) << r.command;
    EXPECT_TRUE(r.what.chosen_by.starts_with("auto: 16 query rows")) << r.what.chosen_by;
    EXPECT_NE(r.what.chosen_by.find("not tile_reuse_sm90: not on Tuesdays"), std::string::npos);
  }
  EXPECT_EQ(chosen, 2);
  options.resume = true;
  EXPECT_EQ(go().counts.resumed, 4u);
}

TEST_F(SweepTest, AutoWithoutAKernelIsSkippedWithEveryReason) {
  fake::Kernel portable("tile_reuse", device);
  portable.support = {false, "not on Tuesdays"};
  kernels = {&portable};
  config.kernels = {"auto"};
  EXPECT_EQ(go().counts.skipped, 2u);
  const record::Record r = one_of("auto");
  EXPECT_NE(r.reason.find("not tile_reuse: not on Tuesdays"), std::string::npos) << r.reason;
  EXPECT_EQ(r.id, r.what.id());
}

TEST_F(SweepTest, WhatDoesNotFitIsSkippedWithTheBytes) {
  config.n_kv = {256, 4096};
  const Result result = go();
  EXPECT_EQ(result.counts.ok, 2u);
  EXPECT_EQ(result.counts.skipped, 2u);
  EXPECT_EQ(result.exit_code(), 0);
  for (const auto& r : file().records) {
    if (r.what.n_kv != 4096) continue;
    EXPECT_EQ(r.reason, "needs 4792320 bytes of device memory, 1048576 are free");
  }
}

TEST_F(SweepTest, TooManySmsAreSkipped) {
  config.sms = {2, 5};
  EXPECT_EQ(go().counts.skipped, 4u);
  for (const auto& r : file().records) {
    EXPECT_EQ(r.status == Status::ok, r.what.sms == 2);
    EXPECT_EQ(r.reason, r.what.sms == 2 ? "" : "5 SMs asked for, the device has 4");
  }
}

TEST_F(SweepTest, BackendWithoutADeviceIsSkipped) {
  config.backends = {api::Backend::cpu};
  EXPECT_EQ(go().counts.skipped, 4u);
  EXPECT_EQ(one_of("good").reason, "there is no cpu device here");
}

TEST_F(SweepTest, SamplesUntilTheIntervalIsNarrowOrTheCap) {
  config.n_kv = {256};
  config.kernels = {"good"};
  device.sample = [](int n) { return record::Sample{10.0 + n, 0, false}; };
  go();
  EXPECT_EQ(one_of("good").samples.size(), 5u);
  EXPECT_EQ(one_of("good").stopped_by, "max_samples");
}

TEST_F(SweepTest, ThrottledSamplesAreFlaggedAndTakenAgain) {
  config.n_kv = {256};
  config.kernels = {"good"};
  device.sample = [](int n) { return record::Sample{n % 2 ? 99.0 : 10.0, 0, n % 2 == 1}; };
  go();
  const record::Record r = one_of("good");
  EXPECT_EQ(r.status, Status::ok);
  EXPECT_EQ(r.summary.samples, 3);
  EXPECT_EQ(r.summary.time_us, 10);
  EXPECT_GT(r.samples.size(), 3u);
}

TEST_F(SweepTest, RowEmptiedByThrottlingSaysWhy) {
  config.n_kv = {256};
  config.kernels = {"good"};
  device.sample = [](int) { return record::Sample{10, 0, true}; };
  EXPECT_EQ(go().exit_code(), 1);
  const record::Record r = one_of("good");
  EXPECT_EQ(r.status, Status::failed);
  EXPECT_EQ(r.reason, "all of 10 samples were throttled: sw_power_cap");
  EXPECT_EQ(r.samples.size(), 10u);
}

TEST_F(SweepTest, MainPhaseIsSampledBesideTheWhole) {
  config.policy.phases = true;
  go();
  EXPECT_EQ(one_of("good").main_samples.size(), 3u);
}

TEST_F(SweepTest, AaCheckComparesAKernelWithItself) {
  config.policy.aa_fraction = 1;
  config.n_kv = {256};
  EXPECT_TRUE(go().warnings.empty());
  const auto run = file();
  ASSERT_EQ(run.aa.size(), 1u);
  EXPECT_EQ(run.aa[0].ratio, 1);
  EXPECT_EQ(run.aa[0].first.size(), 3u);
  EXPECT_EQ(run.aa[0].second.size(), 3u);
  EXPECT_EQ(run.records.size(), 2u);  // the second entry is no record of its own
}

TEST_F(SweepTest, InterruptKeepsWhatIsDoneAndResumeDoesTheRest) {
  config.n_kv = {256, 512, 768};
  std::atomic<bool> stop = false;
  options.stop = &stop;
  options.on_record = [&](const Progress& p) { stop = p.counts.done() >= 2; };
  const Result first = go();
  EXPECT_EQ(first.stopped_by, "interrupt");
  EXPECT_EQ(first.counts.ok, 2u);
  EXPECT_EQ(first.exit_code(), 0);
  EXPECT_EQ(file().records.size(), 2u);

  stop = false;
  options.on_record = nullptr;
  options.resume = true;
  const Result second = go();
  EXPECT_EQ(second.counts.resumed, 2u);
  EXPECT_EQ(second.counts.ok, 6u);
  std::set<std::string> ids;
  for (const auto& r : file().records) EXPECT_TRUE(ids.insert(r.id).second);
  EXPECT_EQ(ids.size(), 6u);
}

TEST_F(SweepTest, InterruptDuringSamplingDropsWhatHasTooFew) {
  std::atomic<bool> stop = false;
  options.stop = &stop;
  device.on_sample = [&] { stop = device.samples_taken >= 5; };  // the first round
  EXPECT_EQ(go().counts.done(), 0u);
  EXPECT_TRUE(file().records.empty());
}

TEST_F(SweepTest, IdlesBeforeEachSample) {
  config.n_kv = {256};
  config.kernels = {"good"};
  config.policy.idle_ms = 5;
  const auto begin = std::chrono::steady_clock::now();
  go();
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  EXPECT_GE(took.count(), 5. * one_of("good").samples.size());
}

TEST_F(SweepTest, InterruptDuringSamplingKeepsWhatHasEnough) {
  config.n_kv = {256};
  config.kernels = {"good"};
  config.policy.max_samples = 50;
  device.sample = [](int n) { return record::Sample{10.0 + n % 7, 0, false}; };
  std::atomic<bool> stop = false;
  options.stop = &stop;
  device.on_sample = [&] { stop = device.samples_taken >= 10; };
  go();
  EXPECT_EQ(one_of("good").stopped_by, "interrupt");
  EXPECT_EQ(one_of("good").samples.size(), 10u);  // the warm-up's sample is not kept
}

TEST_F(SweepTest, ResumesAfterAKill) {
  go();
  // What a kill in the middle of the third record leaves.
  std::string text, line;
  std::ifstream in(options.out_dir + "/run.jsonl");
  for (int i = 0; i < 4; ++i) {
    std::getline(in, line);
    text += i < 3 ? line + '\n' : line.substr(0, line.size() / 2);
  }
  std::ofstream(options.out_dir + "/run.jsonl") << text;
  options.resume = true;
  const Result result = go();
  EXPECT_EQ(result.counts.resumed, 2u);
  EXPECT_EQ(result.counts.ok, 4u);
  ASSERT_EQ(result.warnings.size(), 1u);
  EXPECT_NE(result.warnings[0].find("half-written"), std::string::npos);
  EXPECT_EQ(file().records.size(), 4u);
}

// The real thing: another process is killed between two records, and its lock goes with it.
TEST_F(SweepTest, ResumesAfterSigkill) {
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    options.on_record = [&](const Progress& p) {
      if (p.counts.done() != 2) return;
      (void)!::write(pipe_ends[1], "x", 1);
      ::pause();
    };
    go();
    ::_exit(0);
  }
  ::close(pipe_ends[1]);  // so that a child that ends early is seen, not waited for
  char byte;
  ASSERT_EQ(::read(pipe_ends[0], &byte, 1), 1);
  EXPECT_THROW(go(), config::BadInput);  // the child holds the lock
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(pipe_ends[0]);

  options.resume = true;
  const Result result = go();
  EXPECT_EQ(result.counts.resumed, 2u);
  EXPECT_EQ(result.counts.ok, 4u);
}

TEST_F(SweepTest, TimeLimitStops) {
  config.policy.max_time_s = 1e-9;
  const Result result = go();
  EXPECT_EQ(result.stopped_by, "max_time");
  EXPECT_EQ(result.counts.done(), 0u);
}

TEST_F(SweepTest, SameSeedSameOrder) {
  config.n_kv = {256, 320, 384, 448, 512, 576, 640};
  go();
  const fake::Log first = device.log;
  fs::remove_all(options.out_dir);
  device.log.clear();
  go();
  EXPECT_EQ(device.log, first);
}

}  // namespace
}  // namespace mlawave::run
