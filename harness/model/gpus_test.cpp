#include "harness/model/gpus.h"

#include <gtest/gtest.h>

#include "harness/model/tiles.h"

namespace mlawave::model {
namespace {

TEST(Gpus, AnySpelling) {
  for (const char* name : {"RTX 4080", "rtx4080", "NVIDIA GeForce RTX 4080", "4080"})
    EXPECT_EQ(find_gpu(name)->sms, 76) << name;
  EXPECT_EQ(find_gpu("RTX 4080 SUPER")->sms, 80);
  EXPECT_EQ(find_gpu("NVIDIA H100 80GB HBM3")->sms, 132);
  EXPECT_EQ(find_gpu("H100 PCIe")->sms, 114);
  EXPECT_EQ(find_gpu("A6000")->sms, 84);
  EXPECT_FALSE(find_gpu("RTX 9999"));
  EXPECT_NE(nearest_gpu("RTX 4081").find("RTX 4080"), std::string::npos);
}

TEST(Gpus, InAFileName) {
  EXPECT_EQ(gpu_named_in("glm4-32b_rtx3090ti_pr370")->name, "RTX 3090 Ti");
  EXPECT_EQ(gpu_named_in("run on RTX 3090 Ti, fa on")->name, "RTX 3090 Ti");
  EXPECT_EQ(gpu_named_in("gemma3-27b_a6000_control")->sms, 84);
  EXPECT_FALSE(gpu_named_in("table"));
  EXPECT_TRUE(gpus_written_out_in("n_kv 4090").empty());
  EXPECT_EQ(gpus_written_out_in("on my 3090 Ti").at(0).name, "RTX 3090 Ti");
  EXPECT_EQ(gpus_written_out_in("RTX 3090 against RTX 4090").size(), 2u);
}

TEST(Gpus, EveryNameFindsItself) {
  for (const Gpu& g : all_gpus()) {
    ASSERT_TRUE(find_gpu(g.name)) << g.name;
    EXPECT_EQ(find_gpu(g.name)->name, g.name);
    EXPECT_FALSE(g.source.empty());
  }
}

TEST(Tiles, AsLlamaCppGroupsHeads) {
  EXPECT_EQ(head_tiles(16, 1), 1);
  EXPECT_EQ(head_tiles(128, 1), 8);
  EXPECT_EQ(head_tiles(48, 2), 6);
  EXPECT_EQ(head_tiles(32, 4), 4);
  EXPECT_EQ(head_tiles(32, 8), 8);
  EXPECT_EQ(head_tiles(64, 4), 8);
}

TEST(Tiles, ModelsByName) {
  EXPECT_EQ(find_model("deepseek-v2-lite")->heads, 16);
  EXPECT_EQ(model_named_in("llama31-8b_rtx4080_pr374")->kv_heads, 8);
  EXPECT_EQ(model_named_in("glm4-32b_rtx3090ti")->kv_heads, 2);
  EXPECT_FALSE(model_named_in("unknown"));
}

}  // namespace
}  // namespace mlawave::model
