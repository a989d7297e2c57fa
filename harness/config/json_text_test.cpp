#include "harness/config/json_text.h"

#include <gtest/gtest.h>

#include "harness/config/bad_input.h"

namespace mlawave::config {
namespace {

std::string parse_error(const std::string& text) {
  try {
    parse_json(text, "x.json");
  } catch (const BadInput& e) {
    return e.what();
  }
  return "no error";
}

TEST(ParseJson, SaysLineAndColumn) {
  EXPECT_TRUE(parse_error("{\"a\": 1,\n \"b\": NaN}").starts_with("x.json:2:7: syntax error"));
  EXPECT_TRUE(parse_error("").starts_with("x.json:1:1: syntax error"));
  EXPECT_TRUE(parse_error("{\"a\": 1").starts_with("x.json:1:8: syntax error"));
  EXPECT_TRUE(parse_error("{\"a\": \"\xff\"}").starts_with("x.json:1:8: syntax error"));
  EXPECT_TRUE(parse_error("{} {}").starts_with("x.json:1:4: syntax error"));
  EXPECT_TRUE(parse_error("{\"a\": 1e999}").starts_with("x.json: number overflow"));
}

TEST(ParseJson, RefusesAKeyGivenTwice) {
  EXPECT_EQ(parse_error(R"({"a": 1, "a": 2})"), "x.json: a: given twice, expected once");
  EXPECT_EQ(parse_error(R"({"p": {"b": 1, "b": 2}})"), "x.json: p.b: given twice, expected once");
  EXPECT_EQ(parse_error(R"({"p": {"b": 1}, "b": 2, "q": {"b": 1}, "r": [{"b": 1}, {"b": 2}]})"),
            "no error");
}

TEST(ParseJson, RefusesDeepNesting) {
  EXPECT_EQ(parse_error(std::string(32, '[') + std::string(32, ']')), "no error");
  EXPECT_EQ(parse_error(std::string(1'000'000, '[')), "x.json: nested more than 32 levels deep");
}

TEST(Shown, StaysOnOneLineAndShort) {
  EXPECT_EQ(shown("a\nb"), R"("a\nb")");
  EXPECT_EQ(shown(std::string("\xff")), R"("\ufffd")");
  EXPECT_EQ(shown(std::string(1000, 'x')).size(), 80u);
  EXPECT_EQ(shown(nlohmann::json::array({1, 2})), "[1,2]");
}

TEST(ReadConfigFile, SaysWhyNot) {
  EXPECT_THROW(
      {
        try {
          read_config_file("/nonexistent/x.json");
        } catch (const BadInput& e) {
          EXPECT_STREQ(e.what(), "/nonexistent/x.json: cannot be read: No such file or directory");
          throw;
        }
      },
      BadInput);
  EXPECT_THROW(read_config_file("/tmp"), BadInput);
}

}  // namespace
}  // namespace mlawave::config
