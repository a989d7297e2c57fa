#include "harness/import/lines.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace mlawave::importer {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  LineReader reader(in);
  std::vector<std::string> out;
  for (std::string line; reader.next(line);) out.push_back(line);
  EXPECT_EQ(reader.number(), std::ssize(out));
  return out;
}

using Texts = std::vector<std::string>;

TEST(Lines, EveryLineEnd) {
  EXPECT_EQ(lines_of("a\nb\r\nc\rd"), (Texts{"a", "b", "c", "d"}));
  EXPECT_EQ(lines_of("a\r"), Texts{"a"});
  EXPECT_EQ(lines_of("a\n\nb\n"), (Texts{"a", "", "b"}));
  EXPECT_EQ(lines_of(""), Texts{});
}

TEST(Lines, Utf8MarkAndUtf16) {
  EXPECT_EQ(lines_of("\xEF\xBB\xBFn_kv"), Texts{"n_kv"});
  EXPECT_EQ(lines_of(std::string("\xFF\xFE"
                                 "a\0\r\0\n\0b\0",
                                 10)),
            (Texts{"a", "b"}));
  EXPECT_EQ(lines_of(std::string("\xFE\xFF"
                                 "\0a\0\n",
                                 6)),
            Texts{"a"});
}

TEST(Lines, ANulByteIsBinary) {
  std::istringstream in(std::string("ab\0c\n", 5));
  LineReader reader(in);
  std::string line;
  reader.next(line);
  EXPECT_TRUE(reader.binary());
}

TEST(Lines, ALongLineIsCutInMemory) {
  std::istringstream in(std::string(kMaxLine + 100, 'x') + "\nnext\n");
  LineReader reader(in);
  std::string line;
  ASSERT_TRUE(reader.next(line));
  EXPECT_EQ(line.size(), kMaxLine);
  EXPECT_TRUE(reader.cut());
  ASSERT_TRUE(reader.next(line));
  EXPECT_EQ(line, "next");
}

}  // namespace
}  // namespace mlawave::importer
