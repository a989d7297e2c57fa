// Head tiles of llama.cpp's kernels, and the models people post tables of.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mlawave::model {

// Query heads that a CTA processes together are a tile.
//   MLA (one KV head): ceil(heads / 16)
//   GQA: the query heads of a KV head go in groups of 8, 4, 2 or 1, the most that divides them, so
//        kv_heads × (heads / kv_heads / group)
// Source: the ncols2 choice of llama.cpp's flash-attention kernels (ggml-cuda/fattn.cu); its counts
// for GLM-4-32B (48/2: 6), Qwen3-30B (32/4: 4), LLaMA-3-8B (32/8: 8), Qwen3-235B (64/4: 8).
int head_tiles(int heads, int kv_heads);

struct LanguageModel {
  std::string_view name;  // as a flag
  int heads = 0, kv_heads = 0;
  int layers = 0;
  bool mla() const { return kv_heads == 1; }
};

std::optional<LanguageModel> find_model(std::string_view name);
// A model named somewhere in a text, such as a file name.
std::optional<LanguageModel> model_named_in(std::string_view text);
std::string known_models();  // names, for messages

}  // namespace mlawave::model
