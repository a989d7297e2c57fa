// Replays the fuzzer's seeds and findings in every build.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

int replay(const char* folder) {
  int inputs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    EXPECT_EQ(
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()), 0)
        << entry.path();
    ++inputs;
  }
  return inputs;
}

TEST(ImportCorpus, NeitherCrashesNorHangs) {
  EXPECT_GT(replay(MLAWAVE_IMPORT_CORPUS), 0);
  EXPECT_GT(replay(MLAWAVE_TESTDATA), 0);
}

}  // namespace
