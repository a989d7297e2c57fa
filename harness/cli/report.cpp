#include "harness/cli/report.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ostream>
#include <string_view>

namespace mlawave::cli {

std::string outcome_text(const record::Record& r) {
  if (r.status != record::Status::ok)
    return fmt::format("{}: {}", record::to_string(r.status), r.reason);
  const record::Summary& s = r.summary;
  if (!(s.time_us > 0)) return fmt::format("{:.4g} us", s.time_us);
  return fmt::format("{:.4g} us +- {:.1f} %", s.time_us,
                     50 * (s.time_us_hi - s.time_us_lo) / s.time_us);
}

std::string summary_text(const run::Result& result, const std::string& out_dir) {
  const run::Counts& n = result.counts;
  std::string text = fmt::format("{} cases: {} ok", result.total, n.ok);
  const std::pair<std::size_t, const char*> others[] = {
      {n.skipped, "skipped"}, {n.wrong, "wrong"}, {n.failed, "failed"}, {n.not_run, "not run"}};
  for (const auto& [count, name] : others)
    if (count > 0) text += fmt::format(", {} {}", count, name);
  if (n.resumed > 0) text += fmt::format(" ({} of them from before)", n.resumed);
  if (!result.stopped_by.empty())
    text += fmt::format("; stopped by {}, {} left: the same command with --resume goes on",
                        result.stopped_by, result.total - std::min(result.total, n.done()));
  return text + fmt::format("; in {}", out_dir);
}

Report::Report(std::ostream& out, Progress::Style style, std::size_t columns)
    : out_(out), style_(style), columns_(columns), begin_(std::chrono::steady_clock::now()) {}

void Report::note(const std::string& text) {
  if (progress_) progress_->clear();
  out_ << text << '\n' << std::flush;
}

void Report::record(const run::Progress& now) {
  if (!progress_) progress_.emplace(out_, style_, now.total, now.counts.done() - 1, columns_);
  const record::Record& last = now.last;
  if (last.status == record::Status::wrong || last.status == record::Status::failed)
    note(fmt::format("{}: {}", last.id, outcome_text(last)));
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin_;
  progress_->record(elapsed.count(), last.id, outcome_text(last));
}

void Report::end(const run::Result& result, const std::string& out_dir) {
  for (const std::string& warning : result.warnings) note("warning: " + warning);
  note(summary_text(result, out_dir));
}

Progress::Style style_of_stderr() {
  const char* term = std::getenv("TERM");
  const bool dumb = term == nullptr || std::string_view(term) == "dumb";
  return isatty(STDERR_FILENO) && !dumb ? Progress::Style::bar : Progress::Style::lines;
}

std::size_t columns_of_stderr() {
  winsize size{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20;
  return known ? size.ws_col : 80;
}

}  // namespace mlawave::cli
