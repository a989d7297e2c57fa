#include <gtest/gtest.h>

#include <cctype>
#include <string>

#include "harness/env/build.h"
#include "harness/env/host.h"
#include "harness/env/sha256.h"

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

// Vectors of FIPS 180-2, appendix B, and lengths around a block's end against sha256sum.
TEST(Sha256, IsTheStandards) {
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256(std::string(55, 'a')),
            "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
  EXPECT_EQ(sha256(std::string(64, 'a')),
            "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
}

TEST(Build, IsNamed) {
  const record::BuildInfo b = build_info();
  EXPECT_EQ(shape(b.version), "d.d.d");
  EXPECT_FALSE(b.git_revision.empty());
  EXPECT_FALSE(b.build_type.empty());
  EXPECT_FALSE(b.compiler.empty());
}

}  // namespace
}  // namespace mlawave::env
