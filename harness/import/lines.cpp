#include "harness/import/lines.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace mlawave::importer {
namespace {

constexpr std::size_t kBuffer = std::size_t{1} << 20;

}  // namespace

LineReader::LineReader(std::istream& in) : in_(in), buffer_(kBuffer) { detect_mark(); }

bool LineReader::fill() {
  if (at_ < size_) return true;
  in_.read(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  size_ = static_cast<std::size_t>(in_.gcount());
  at_ = 0;
  return size_ > 0;
}

int LineReader::raw() {
  if (!fill()) return -1;
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
  const int a = raw();
  const int b = raw();
  if (a < 0 || b < 0) return -1;
  const int low = utf16_ == 1 ? a : b;
  const int high = utf16_ == 1 ? b : a;
  if (low == 0 && high == 0) binary_ = true;
  return high == 0 && low < 128 ? low : '?';
}

bool LineReader::next_utf16(std::string& line) {
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

bool LineReader::next(std::string& line) {
  line.clear();
  if (utf16_ != 0) return next_utf16(line);
  bool any = false;
  while (fill()) {
    if (after_cr_ && buffer_[at_] == '\n') {
      ++at_, ++bytes_;
      after_cr_ = false;
      continue;
    }
    after_cr_ = false;
    any = true;
    const char* from = buffer_.data() + at_;
    const char* end = buffer_.data() + size_;
    const char* stop = std::find_if(from, end, [](char c) { return c == '\n' || c == '\r'; });
    const auto length = static_cast<std::size_t>(stop - from);
    if (std::memchr(from, 0, length) != nullptr) binary_ = true;
    const std::size_t room = kMaxLine - line.size();
    cut_ = cut_ || length > room;
    line.append(from, std::min(length, room));
    const std::size_t taken = length + (stop < end ? 1 : 0);
    at_ += taken;
    bytes_ += static_cast<std::int64_t>(taken);
    if (stop < end) {
      after_cr_ = *stop == '\r';
      break;
    }
  }
  number_ += any ? 1 : 0;
  return any;
}

}  // namespace mlawave::importer
