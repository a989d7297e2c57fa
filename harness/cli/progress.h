// How far a sweep is: a bar redrawn in place on a terminal, plain lines elsewhere.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>

namespace mlawave::cli {

// "0:07", "12:34", "1:02:03"
std::string clock_text(double seconds);

class Progress {
 public:
  enum class Style { bar, lines, none };

  // `done` cases are there already (a resumed run): they count, but not in the rate, which is that
  // of the records after the first.
  Progress(std::ostream& out, Style style, std::size_t total, std::size_t done = 0,
           std::size_t columns = 80);

  // After every record. `elapsed_s` since the sweep began; `what` names the case, `result` its
  // outcome ("23.4 us", "skipped: …"). Lines appear at most once in 5 seconds, and for the last.
  void record(double elapsed_s, const std::string& what, const std::string& result);
  // Clears the bar, so that other output starts on a line of its own.
  void clear();

 private:
  void draw_bar(double elapsed_s, const std::string& text);
  std::string eta_text(double elapsed_s) const;

  std::ostream& out_;
  Style style_;
  std::size_t total_, done_, first_, columns_;
  double first_record_s_ = -1;  // what came before it (ceilings) is not in the rate
  double last_line_s_ = -1e9;
  bool drawn_ = false;
};

}  // namespace mlawave::cli
