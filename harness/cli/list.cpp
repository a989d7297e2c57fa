#include "harness/cli/list.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace mlawave::cli {
namespace {

constexpr std::size_t kFlushBytes = 1 << 16;

void write(std::string& text, std::FILE* out) {
  if (std::fwrite(text.data(), 1, text.size(), out) != text.size() || std::fflush(out) != 0)
    throw std::runtime_error(fmt::format("--list: cannot write: {}", std::strerror(errno)));
  text.clear();
}

}  // namespace

void list_cases(const plan::Plan& plan, std::FILE* out) {
  std::string text;
  const std::size_t n = plan.size();
  for (std::size_t i = 0; i < n; ++i) {
    text += plan.at(i).id();
    text += '\n';
    if (text.size() >= kFlushBytes) write(text, out);
  }
  write(text, out);
}

}  // namespace mlawave::cli
