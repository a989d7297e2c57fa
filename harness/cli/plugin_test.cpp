// `mlawave sweep --plugin` and `devices --plugin`: what a plugin does to the process ends up in a
// record, and everything else is measured.
#include <gtest/gtest.h>

#include <filesystem>

#include "harness/cli/plugin_sweep.h"
#include "harness/env/sha256.h"

namespace mlawave::cli {
namespace {

using record::Status;
using Statuses = std::vector<Status>;

// Two cases a kernel.
class CpuPlugin : public PluginSweep {
 protected:
  Finished cases(const std::string& plugin, const std::string& kernels,
                 const std::string& more = "") {
    return sweep(plugin, "--backend cpu --n-kv 64,128 --sms 1 --kernel " + kernels + " " + more);
  }

  // What every kernel that ends its process leaves: its own cases failed, ours right.
  void expect_survived(const std::string& kernel, const std::string& reason) {
    const Finished done = cases(lib("faulty"), kernel + ",tile_reuse");
    EXPECT_EQ(done.exit_code, 1) << done.text;
    EXPECT_NE(done.text.find("4 cases: 2 ok, 2 failed"), std::string::npos) << done.text;
    EXPECT_EQ(statuses(kernel), (Statuses{Status::failed, Status::failed}));
    EXPECT_EQ(statuses("tile_reuse"), (Statuses{Status::ok, Status::ok}));
    EXPECT_EQ(reason_of(kernel), reason);
  }
};

TEST_F(CpuPlugin, IsMeasuredBesideOurs) {
  const Finished done = cases(lib("example_cpu"), "example_cpu,tile_reuse");
  EXPECT_EQ(done.exit_code, 0) << done.text;
  const record::Run r = run();
  ASSERT_EQ(r.records.size(), 4u);
  for (const auto& one : r.records) EXPECT_EQ(one.status, Status::ok) << one.reason;
  EXPECT_TRUE(r.resumptions.empty());
  ASSERT_EQ(r.info.plugins.size(), 1u);
  const record::PluginInfo& p = r.info.plugins[0];
  EXPECT_EQ(p.path, lib("example_cpu"));
  EXPECT_EQ(p.name, "example_cpu");
  EXPECT_EQ(p.version, "1.0");
  EXPECT_EQ(p.sha256, env::sha256_of_file(lib("example_cpu")));
  EXPECT_EQ(p.kernels, std::vector<std::string>{"example_cpu"});
  for (const auto& one : r.records)
    EXPECT_EQ(one.command.find("--plugin " + p.path) != std::string::npos,
              one.what.kernel == "example_cpu");
}

TEST_F(CpuPlugin, WrongResult) {
  EXPECT_EQ(cases(lib("faulty"), "wrong,tile_reuse").exit_code, 1);
  EXPECT_EQ(statuses("wrong"), (Statuses{Status::wrong, Status::wrong}));
  EXPECT_EQ(statuses("tile_reuse"), (Statuses{Status::ok, Status::ok}));
  EXPECT_TRUE(run().resumptions.empty());
}

TEST_F(CpuPlugin, CrashInLaunch) { expect_survived("crashes", "crashed: signal 11"); }
TEST_F(CpuPlugin, CrashInPlan) { expect_survived("crashes_in_plan", "crashed: signal 11"); }
TEST_F(CpuPlugin, Abort) { expect_survived("aborts", "crashed: signal 06"); }
TEST_F(CpuPlugin, Killed) {
  expect_survived("is_killed", "its process was killed by signal 9 (Killed)");
}
TEST_F(CpuPlugin, Exit) { expect_survived("exits", "it ended the process with exit code 0"); }
TEST_F(CpuPlugin, Error) { expect_survived("fails", "plugin launch: error 5, no text"); }

// A crash between cases, where the records are written already.
TEST_F(CpuPlugin, CrashWhenThePlanEnds) {
  const Finished done = cases(lib("faulty"), "crashes_at_end,tile_reuse");
  EXPECT_EQ(done.exit_code, 1) << done.text;
  EXPECT_EQ(statuses("tile_reuse"), (Statuses{Status::ok, Status::ok}));
  EXPECT_EQ(statuses("crashes_at_end"), (Statuses{Status::wrong, Status::wrong}));
}

TEST_F(CpuPlugin, CrashOnLoading) {
  const Finished done = cases(lib("faulty_load"), "wrong");
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_NE(done.text.find("--plugin: loading " + lib("faulty_load") +
                           ": its process was killed by signal 11"),
            std::string::npos)
      << done.text;
  EXPECT_FALSE(std::filesystem::exists(out_));
}

TEST_F(CpuPlugin, BadInput) {
  const std::pair<Finished, const char*> calls[] = {
      {cases(lib("faulty_version"), "wrong"), "plugin ABI version 99"},
      {cases(lib("faulty_symbol"), "wrong"), "has no function mlawave_plugin_entry"},
      {cases(lib("faulty_twin"), "tile_reuse"), "has a cpu kernel \"tile_reuse\", and so has this"},
      {cases("none.so", "wrong"), "none.so: no such file"},
      {cases(lib("example_cpu"), "exmple_cpu"), "did you mean \"example_cpu\"?"}};
  for (const auto& [done, part] : calls) {
    EXPECT_EQ(done.exit_code, 2);
    EXPECT_NE(done.text.find(part), std::string::npos) << done.text;
  }
}

TEST_F(CpuPlugin, IsListed) {
  const Finished list = cases(lib("example_cpu"), "example_cpu", "--list");
  EXPECT_EQ(list.exit_code, 0);
  EXPECT_NE(list.text.find("cpu/example_cpu/"), std::string::npos) << list.text;
  const Finished devices = run_mlawave("devices --plugin " + lib("example_cpu"));
  EXPECT_EQ(devices.exit_code, 0);
  EXPECT_NE(devices.text.find("plugin: example_cpu 1.0"), std::string::npos) << devices.text;
  EXPECT_NE(devices.text.find("one row at a time on one thread"), std::string::npos);
}

TEST_F(CpuPlugin, AnotherBuildOfThePluginNeedsAnotherRun) {
  ASSERT_EQ(cases(lib("example_cpu"), "tile_reuse").exit_code, 0);
  const Finished done = cases(lib("faulty"), "tile_reuse", "--resume");
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_NE(done.text.find("was measured with"), std::string::npos) << done.text;
}

}  // namespace
}  // namespace mlawave::cli
