#include "harness/record/run_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>

#include "harness/config/bad_input.h"
#include "harness/record/json_line.h"
#include "harness/record/read_run.h"
#include "harness/record/sample_run.h"

namespace mlawave::record {
namespace {

namespace fs = std::filesystem;

class RunFileTest : public testing::Test {
 protected:
  RunFileTest() {
    dir_ =
        fs::path(testing::TempDir()) /
        (std::string("run_file_") + testing::UnitTest::GetInstance()->current_test_info()->name() +
         std::to_string(::getpid()));
    fs::remove_all(dir_);
  }
  ~RunFileTest() override { fs::remove_all(dir_); }

  std::unique_ptr<RunFile> begin(const std::string& dir) const {
    auto out = std::make_unique<RunFile>(dir, info_, false);
    EXPECT_TRUE(out->is_new());
    out->write_header(info_);
    return out;
  }
  std::string file() const { return (dir_ / kRunFileName).string(); }
  void append_text(const std::string& text) const {
    std::ofstream(file(), std::ios::app | std::ios::binary) << text;
  }
  static std::string error_of(const std::function<void()>& action) {
    try {
      action();
    } catch (const config::BadInput& e) {
      return e.what();
    }
    return "no error";
  }
  static void expect_part(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  }

  fs::path dir_;
  const RunInfo info_ = sample::run_info();
};

TEST_F(RunFileTest, EachRecordIsReadableAtOnce) {
  const auto out = begin(dir_ / "deep" / "er");
  EXPECT_TRUE(read_run(out->path()).records.empty());
  out->append(sample::measured());
  out->append(sample::aa());
  const record::Run run = read_run((dir_ / "deep" / "er").string());
  ASSERT_EQ(run.records.size(), 1u);
  EXPECT_EQ(to_line(run.records[0]), to_line(sample::measured()));
  EXPECT_EQ(run.aa.size(), 1u);
  EXPECT_EQ(run.info.devices[0].name, "NVIDIA H100 80GB HBM3");
}

TEST_F(RunFileTest, ResumeKnowsWhatIsFinished) {
  Record not_run = sample::skipped();
  not_run.status = Status::not_run;
  not_run.id = "again";
  {
    const auto out = begin(dir_);
    out->append(sample::measured());
    out->append(not_run);
  }
  RunFile out(dir_, info_, true);
  EXPECT_FALSE(out.is_new());
  EXPECT_EQ(out.finished(),
            (std::unordered_map<std::string, Status>{{sample::measured().id, Status::ok}}));
  EXPECT_TRUE(out.warnings().empty());
  not_run.status = Status::failed;
  out.append(not_run);
  const record::Run run = read_run(file());
  ASSERT_EQ(run.records.size(), 2u);  // the second record of an id replaces the first
  EXPECT_EQ(run.records[1].status, Status::failed);
  EXPECT_EQ(run.resumptions.size(), 1u);
}

TEST_F(RunFileTest, HalfWrittenLastLineIsDroppedWithAWord) {
  begin(dir_)->append(sample::measured());
  append_text(to_line(sample::skipped()).substr(0, 50));
  EXPECT_EQ(read_run(file()).records.size(), 1u);
  expect_part(read_run(file()).warnings.at(0), "run.jsonl:3: the last line is half-written");
  {
    RunFile out(dir_, info_, true);
    expect_part(out.warnings().at(0), "half-written");
    out.append(sample::skipped());
  }
  const record::Run run = read_run(file());
  EXPECT_EQ(run.records.size(), 2u);
  EXPECT_TRUE(run.warnings.empty());
}

TEST_F(RunFileTest, HalfWrittenHeaderIsStartedAnew) {
  fs::create_directories(dir_);
  append_text("{\"kind\":\"ru");
  expect_part(begin(dir_)->warnings().at(0), "half a header");
  EXPECT_EQ(read_run(file()).info.config_hash, info_.config_hash);
}

TEST_F(RunFileTest, DamagedMiddleLineIsAnErrorWithItsPlace) {
  begin(dir_)->append(sample::measured());
  append_text("{\"kind\":\"case\",\"id\":\n" + to_line(sample::skipped()) + "\n");
  expect_part(error_of([&] { read_run(file()); }), "run.jsonl:3: damaged line: ");
  expect_part(error_of([&] { RunFile(dir_, info_, true); }), "run.jsonl:3: damaged line: ");
}

// More lines than one thread takes: in order, and the first damage is the one that is named.
TEST_F(RunFileTest, LongFilesAreReadInOrder) {
  constexpr int kRecords = 1500;
  const auto out = begin(dir_);
  Record r = sample::skipped();
  for (int i = 0; i < kRecords; ++i) {
    r.id = std::to_string(i);
    out->append(r);
  }
  const record::Run run = read_run(file());
  ASSERT_EQ(run.records.size(), std::size_t{kRecords});
  for (int i = 0; i < kRecords; ++i) ASSERT_EQ(run.records[i].id, std::to_string(i));
  append_text("first\nsecond\n");
  expect_part(error_of([&] { read_run(file()); }), "run.jsonl:1502: damaged line: ");
}

TEST_F(RunFileTest, AnotherConfigsRunIsLeftAlone) {
  begin(dir_);
  RunInfo other = info_;
  other.config_hash = "fedcba9876543210";
  for (bool resume : {false, true}) {
    const std::string error = error_of([&] { RunFile(dir_, other, resume); });
    expect_part(error, "0123456789abcdef");
    expect_part(error, "fedcba9876543210");
  }
}

TEST_F(RunFileTest, AnotherDevicesRunIsLeftAlone) {
  begin(dir_);
  RunInfo other = info_;
  other.devices[0].name = "NVIDIA H200";
  const std::string error = error_of([&] { RunFile(dir_, other, true); });
  expect_part(error, "NVIDIA H100 80GB HBM3");
  expect_part(error, "NVIDIA H200");
}

TEST_F(RunFileTest, AnotherPluginsRunIsLeftAlone) {
  begin(dir_);
  RunInfo other = info_;
  other.plugins[0].path = "/elsewhere/my.so";  // the same file, moved
  EXPECT_NO_THROW(RunFile(dir_, other, true));
  other.plugins[0].sha256 = std::string(64, 'b');
  const std::string error = error_of([&] { RunFile(dir_, other, true); });
  expect_part(error, "was measured with ./my.so (sha256 aaaa");
  expect_part(error, "this call has /elsewhere/my.so (sha256 bbbb");
  other.plugins.clear();
  expect_part(error_of([&] { RunFile(dir_, other, true); }), "this call has no plugin");
}

TEST_F(RunFileTest, SameConfigNeedsResume) {
  begin(dir_);
  expect_part(error_of([&] { RunFile(dir_, info_, false); }), "expected --resume");
}

TEST_F(RunFileTest, OneWriterAtATime) {
  const auto first = begin(dir_);
  expect_part(error_of([&] { RunFile(dir_, info_, true); }), "another sweep is writing here");
}

TEST_F(RunFileTest, FullDiskIsSaid) {
  fs::create_directories(dir_);
  fs::create_symlink("/dev/full", file());
  expect_part(error_of([&] { begin(dir_); }), "cannot be written: No space left");
}

// A file-size limit is a disk that fills up in the middle of a record.
TEST_F(RunFileTest, DiskThatFillsUpKeepsWhatWasWritten) {
  const auto out = begin(dir_);
  rlimit old{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old), 0);
  const rlimit small{fs::file_size(file()) + to_line(sample::measured()).size() + 100,
                     old.rlim_max};
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  out->append(sample::measured());
  const std::string error = error_of([&] { out->append(sample::skipped()); });
  ::setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, old_handler);
  expect_part(error, "cannot be written: File too large");
  EXPECT_EQ(read_run(file()).records.size(), 1u);
  EXPECT_EQ(read_run(file()).warnings.size(), 1u);
}

TEST_F(RunFileTest, DirectoryThatCannotBeMadeIsSaid) {
  expect_part(error_of([&] { RunFile("/dev/null/x", info_, false); }),
              "/dev/null/x: cannot make the directory");
}

TEST_F(RunFileTest, FilesThatAreNoRunAreRefused) {
  fs::create_directories(dir_);
  expect_part(error_of([&] { read_run((dir_ / "absent").string()); }), "expected a run file");
  append_text("");
  expect_part(error_of([&] { read_run(file()); }), "empty, expected a run file");
  append_text(to_line(sample::measured()) + "\n");
  expect_part(error_of([&] { read_run(file()); }), "run.jsonl:1: damaged line: no header");
}

}  // namespace
}  // namespace mlawave::record
