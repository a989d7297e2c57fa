// What a sweep says on stderr: progress while it runs, failures at once, a summary at the end.
#pragma once

#include <chrono>
#include <iosfwd>
#include <optional>
#include <string>

#include "harness/cli/progress.h"
#include "harness/run/run.h"

namespace mlawave::cli {

// "23.4 us +- 0.5 %" or "skipped: needs 9 bytes".
std::string outcome_text(const record::Record&);

// "520 cases: 518 ok, 2 skipped", and how to go on where it was stopped.
std::string summary_text(const run::Result&, const std::string& out_dir);

class Report {
 public:
  Report(std::ostream& out, Progress::Style style, std::size_t columns);
  void note(const std::string& text);
  void record(const run::Progress&);
  void end(const run::Result&, const std::string& out_dir);

 private:
  std::ostream& out_;
  Progress::Style style_;
  std::size_t columns_;
  std::chrono::steady_clock::time_point begin_;
  std::optional<Progress> progress_;
};

// A bar on a terminal, lines elsewhere.
Progress::Style style_of_stderr();
std::size_t columns_of_stderr();

}  // namespace mlawave::cli
