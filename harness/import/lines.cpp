#include "harness/import/lines.h"

namespace mlawave::importer {
namespace {

constexpr std::size_t kBuffer = std::size_t{1} << 20;

}  // namespace

LineReader::LineReader(std::istream& in) : in_(in), buffer_(kBuffer) { detect_mark(); }

int LineReader::raw() {
  if (at_ == size_) {
    in_.read(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    size_ = static_cast<std::size_t>(in_.gcount());
    at_ = 0;
    if (size_ == 0) return -1;
  }
  ++bytes_;
  return static_cast<unsigned char>(buffer_[at_++]);
}

void LineReader::detect_mark() {
  const int first = raw();
  if (first < 0) return;
  --at_, --bytes_;
  auto starts = [&](std::string_view mark) {
    return std::string_view(buffer_.data(), size_).substr(0, mark.size()) == mark;
  };
  std::size_t skip = 0;
  if (starts("\xEF\xBB\xBF")) skip = 3;
  if (starts("\xFF\xFE")) utf16_ = 1, skip = 2;
  if (starts("\xFE\xFF")) utf16_ = 2, skip = 2;
  at_ += skip;
  bytes_ += static_cast<std::int64_t>(skip);
}

int LineReader::get() {
  if (utf16_ == 0) {
    const int c = raw();
    if (c == 0) binary_ = true;
    return c;
  }
  const int a = raw();
  const int b = raw();
  if (a < 0 || b < 0) return -1;
  const int low = utf16_ == 1 ? a : b;
  const int high = utf16_ == 1 ? b : a;
  if (low == 0 && high == 0) binary_ = true;
  return high == 0 && low < 128 ? low : '?';
}

bool LineReader::next(std::string& line) {
  line.clear();
  bool any = false;
  for (int c = get(); c >= 0; c = get()) {
    if (after_cr_ && c == '\n') {
      after_cr_ = false;
      continue;
    }
    after_cr_ = c == '\r';
    any = true;
    if (c == '\n' || c == '\r') break;
    if (line.size() < kMaxLine)
      line.push_back(static_cast<char>(c));
    else
      cut_ = true;
  }
  number_ += any ? 1 : 0;
  return any;
}

}  // namespace mlawave::importer
