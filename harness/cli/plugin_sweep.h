// A sweep with plugins as a user runs it, for tests: the program as a whole, in a folder of its
// own.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "harness/record/read_run.h"

namespace mlawave::cli {

// Of the build: lib("example_cpu").
std::string lib(const std::string& name);

struct Finished {
  int exit_code;     // -1: killed
  std::string text;  // stdout and stderr
};

// Runs `mlawave ARGUMENTS`.
Finished run_mlawave(const std::string& arguments);

class PluginSweep : public testing::Test {
 protected:
  PluginSweep();
  ~PluginSweep() override;

  // Few samples, on out_.
  Finished sweep(const std::string& plugin, const std::string& flags);
  record::Run run() const { return record::read_run(out_); }
  // Of every case of a kernel, in the order of the run file.
  std::vector<record::Status> statuses(const std::string& kernel) const;
  std::string reason_of(const std::string& kernel) const;  // of its first case

  std::string out_;
};

}  // namespace mlawave::cli
