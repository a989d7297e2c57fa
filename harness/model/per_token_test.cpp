#include "harness/model/per_token.h"

#include <gtest/gtest.h>

#include "harness/config/bad_input.h"

namespace mlawave::model {
namespace {

Card small_card() {
  Card c = find_card("deepseek-v2-lite");
  c.active_billion = 2.5;
  c.routed_billion = 1.5;
  return c;
}

TEST(PerToken, LayersTimesAttentionPlusTheRest) {
  const TokenTime t = token_time(50, 20, 3);
  EXPECT_DOUBLE_EQ(t.attention_ms, 1);
  EXPECT_DOUBLE_EQ(t.token_ms, 4);
  EXPECT_DOUBLE_EQ(t.share, 0.25);
  EXPECT_DOUBLE_EQ(t.tokens_per_s, 250);
}

// A step of 10 % where attention is a quarter of a token.
TEST(PerToken, AStepShrinksByTheShare) {
  const TokenStep s = token_step(50, 5, 20, 3);
  EXPECT_NEAR(s.token_percent, 2.5, 1e-9);
  EXPECT_NEAR(s.tokens_per_s_percent, 100 * (4 / 4.1 - 1), 1e-9);
  EXPECT_NEAR(token_step(50, 5, 20, 0).token_percent, 10, 1e-9);
}

TEST(PerToken, AllWeightsOnTheGpu) {
  const Rest r = rest_of_weights(small_card(), {8, 1000, "the test's", {}});
  EXPECT_DOUBLE_EQ(r.ms, 2.5);
  EXPECT_EQ(r.source, "2.5 GB of weights at 1000 GB/s (the test's); 8 bits a weight");
}

TEST(PerToken, BitsAsTheCardSays) {
  EXPECT_DOUBLE_EQ(rest_of_weights(small_card(), {0, 1000, "", {}}).ms, 5);
}

TEST(PerToken, RoutedExpertsInCpuMemory) {
  const Rest r = rest_of_weights(small_card(), {8, 1000, "the test's", 100});
  EXPECT_DOUBLE_EQ(r.ms, 1 + 15);
  EXPECT_EQ(r.source,
            "1 GB of weights at 1000 GB/s (the test's) + 1.5 GB of routed experts in CPU memory at "
            "100 GB/s; 8 bits a weight");
}

TEST(PerToken, ADenseModelIsOffloadedWhole) {
  Card c = small_card();
  c.routed_billion = 0;
  EXPECT_DOUBLE_EQ(rest_of_weights(c, {8, 0, "", 100}).ms, 25);
}

TEST(PerToken, AGpuOfUnknownBandwidth) {
  EXPECT_THROW(rest_of_weights(small_card(), {8, 0, "", {}}), config::BadInput);
}

TEST(Cards, EveryModelHasOne) {
  for (const char* name : {"deepseek-v2-lite", "deepseek-v2", "deepseek-v3", "deepseek-r1",
                           "kimi-k2", "llama-3.1-8b", "qwen3-30b-a3b", "glm-4-32b"}) {
    const Card c = find_card(name);
    EXPECT_GT(c.active_billion, c.routed_billion) << name;
    EXPECT_FALSE(c.source.empty()) << name;
  }
  EXPECT_THROW(find_card("gpt-2"), config::BadInput);
}

// 58 layers × 8 experts × 3 × 7168 × 2048.
TEST(Cards, RoutedExperts) {
  EXPECT_NEAR(find_card("deepseek-v3").routed_billion, 20.435, 0.001);
  EXPECT_NEAR(find_card("DeepSeek V2 Lite").routed_billion, 1.349, 0.001);
  EXPECT_EQ(find_card("llama-3-8b").routed_billion, 0);
}

TEST(Cards, ByHeads) {
  EXPECT_EQ(card_with_heads(16)->model.layers, 27);
  EXPECT_EQ(card_with_heads(128)->model.name, "deepseek-v3");
  EXPECT_FALSE(card_with_heads(64));
}

}  // namespace
}  // namespace mlawave::model
