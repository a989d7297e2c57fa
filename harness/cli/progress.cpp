#include "harness/cli/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

namespace mlawave::cli {
namespace {

constexpr std::size_t kBarWidth = 24;
constexpr double kLineEvery_s = 5;

}  // namespace

std::string clock_text(double seconds) {
  const auto s = static_cast<long long>(std::clamp(seconds, 0.0, 1e9));
  if (s < 3600) return fmt::format("{}:{:02}", s / 60, s % 60);
  return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

Progress::Progress(std::ostream& out, Style style, std::size_t total, std::size_t done,
                   std::size_t columns)
    : out_(out), style_(style), total_(total), done_(done), first_(done), columns_(columns) {}

std::string Progress::eta_text(double elapsed_s) const {
  const auto since_first = static_cast<double>(done_ - first_) - 1;
  if (since_first < 1) return done_ == total_ ? clock_text(0) : "?";
  return clock_text((elapsed_s - first_record_s_) / since_first *
                    static_cast<double>(total_ - done_));
}

void Progress::record(double elapsed_s, const std::string& what, const std::string& result) {
  done_ = std::min(done_ + 1, total_);
  if (first_record_s_ < 0) first_record_s_ = elapsed_s;
  if (style_ == Style::bar) return draw_bar(elapsed_s, result + " " + what);
  const bool due = elapsed_s - last_line_s_ >= kLineEvery_s || done_ == total_;
  if (style_ == Style::none || !due) return;
  last_line_s_ = elapsed_s;
  out_ << fmt::format("{}/{} {:.0f} % elapsed {} left {} {} {}\n", done_, total_,
                      100.0 * static_cast<double>(done_) / static_cast<double>(total_),
                      clock_text(elapsed_s), eta_text(elapsed_s), what, result)
       << std::flush;
}

void Progress::draw_bar(double elapsed_s, const std::string& text) {
  const std::size_t full = total_ == 0 ? kBarWidth : kBarWidth * done_ / total_;
  std::string line = fmt::format("[{:#<{}}{:.<{}}] {}/{} ETA {} {}", "", full, "", kBarWidth - full,
                                 done_, total_, eta_text(elapsed_s), text);
  if (line.size() >= columns_) line.resize(columns_ - 1);
  out_ << "\r\x1b[K" << line << std::flush;
  drawn_ = true;
}

void Progress::clear() {
  if (drawn_) out_ << "\r\x1b[K" << std::flush;
  drawn_ = false;
}

}  // namespace mlawave::cli
