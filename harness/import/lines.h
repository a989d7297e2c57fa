// Lines of a file of any size in bounded memory.
#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

namespace mlawave::importer {

inline constexpr std::size_t kMaxLine = std::size_t{4} << 20;  // longer lines are cut

// Ends of line are LF, CRLF or a lone CR. A UTF-8 mark is skipped; UTF-16 (as PowerShell writes)
// becomes ASCII with '?' for the rest.
class LineReader {
 public:
  explicit LineReader(std::istream& in);
  bool next(std::string& line);                    // false at the end
  std::int64_t number() const { return number_; }  // of the last line read; the first is 1
  std::int64_t bytes() const { return bytes_; }
  bool binary() const { return binary_; }  // a NUL byte was seen: not text
  bool cut() const { return cut_; }        // a line was longer than kMaxLine

 private:
  bool fill();  // false at the end
  int get();    // next character, or -1
  int raw();
  bool next_utf16(std::string& line);
  void detect_mark();

  std::istream& in_;
  std::vector<char> buffer_;
  std::size_t at_ = 0, size_ = 0;
  int utf16_ = 0;  // 0: bytes, 1: little endian, 2: big endian
  bool after_cr_ = false;
  bool binary_ = false, cut_ = false;
  std::int64_t number_ = 0, bytes_ = 0;
};

}  // namespace mlawave::importer
