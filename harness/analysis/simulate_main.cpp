// mlawave_simulate [WITH [WITHOUT [SEED]]]: prints the table of docs/detection.md.
#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <string_view>

#include "harness/analysis/study.h"

namespace {

template <class T>
bool read(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

int main(int argc, char** argv) {
  int with = 2000, without = 2000;
  std::uint64_t seed = 408;
  const bool good = (argc < 2 || read(argv[1], with)) && (argc < 3 || read(argv[2], without)) &&
                    (argc < 4 || read(argv[3], seed)) && argc < 5 && with >= 0 && without >= 0;
  if (!good) {
    fmt::print(stderr, "mlawave_simulate: expected [WITH [WITHOUT [SEED]]], whole numbers\n");
    return 2;
  }
  fmt::print("{}", mlawave::analysis::detection_study(seed, with, without));
}
