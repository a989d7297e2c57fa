#include "harness/run/command.h"

#include <gtest/gtest.h>

namespace mlawave::run {
namespace {

TEST(Command, NamesTheCaseAndWhatIsNotStandard) {
  plan::Case c;
  c.kernel = "tile_reuse";
  c.n_kv = 19456;
  c.sms = 76;
  config::Policy policy;
  EXPECT_EQ(command_for(c, policy, {}), "mlawave sweep " + c.sweep_flags() + " --out repro");
  policy.seed = 7;
  policy.timing = config::Timing::graph;
  policy.phases = true;
  EXPECT_EQ(command_for(c, policy, {}),
            "mlawave sweep " + c.sweep_flags() + " --seed 7 --timing graph --phases --out repro");
}

TEST(Command, QuotesWhatAShellWouldRead) {
  EXPECT_EQ(shell_word("./a/b-1.so"), "./a/b-1.so");
  EXPECT_EQ(shell_word("my kernel's.so"), "'my kernel'\\''s.so'");
  EXPECT_EQ(shell_word(""), "''");
}

}  // namespace
}  // namespace mlawave::run
