#include <gtest/gtest.h>

#include <cctype>
#include <string>

#include "harness/env/build.h"
#include "harness/env/host.h"

namespace mlawave::env {
namespace {

// Digits as d: what a text looks like.
std::string shape(std::string text) {
  for (char& c : text)
    if (std::isdigit(static_cast<unsigned char>(c))) c = 'd';
  return text;
}

TEST(Host, SaysWhatItIs) {
  const record::HostInfo h = host_info();
  EXPECT_FALSE(h.name.empty());
  EXPECT_FALSE(h.cpu.empty());
  EXPECT_NE(h.os.find("Linux"), std::string::npos);
  EXPECT_EQ(h.logical_cpus, static_cast<int>(allowed_cpus().size()));
  EXPECT_GE(h.logical_cpus, 1);
}

TEST(Host, TimeIsIso8601) { EXPECT_EQ(shape(now_utc()), "dddd-dd-ddTdd:dd:ddZ"); }

TEST(Build, IsNamed) {
  const record::BuildInfo b = build_info();
  EXPECT_EQ(shape(b.version), "d.d.d");
  EXPECT_FALSE(b.git_revision.empty());
  EXPECT_FALSE(b.build_type.empty());
  EXPECT_FALSE(b.compiler.empty());
}

}  // namespace
}  // namespace mlawave::env
