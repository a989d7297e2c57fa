#include "harness/model/cards.h"

#include <fmt/format.h>

#include "harness/config/bad_input.h"

namespace mlawave::model {
namespace {

// Routed experts' parameters that a token reads: gate, up and down matrix of each expert.
constexpr double routed(int moe_layers, int experts_per_token, int hidden, int expert_hidden) {
  return 3.0 * moe_layers * experts_per_token * hidden * expert_hidden * 1e-9;
}

constexpr std::string_view kConfig =
    "config.json: (num_hidden_layers - first_k_dense_replace) x num_experts_per_tok x 3 x "
    "hidden_size x moe_intermediate_size";

struct Figures {
  std::string_view name;
  double active_billion, routed_billion, bits_per_weight;
  std::string_view source;
};

constexpr Figures kFigures[] = {
    {"deepseek-v2-lite", 2.4, routed(26, 6, 2048, 1408), 16,
     "DeepSeek-V2, arXiv:2405.04434, appendix B; weights published in bf16"},
    {"deepseek-v2", 21, routed(59, 6, 5120, 1536), 16,
     "DeepSeek-V2, arXiv:2405.04434, abstract; weights published in bf16"},
    {"deepseek-v3", 36.7, routed(58, 8, 7168, 2048), 8,
     "DeepSeek-V3's README_WEIGHTS.md: 36.7B with embedding and output head; published in fp8"},
    {"deepseek-r1", 36.7, routed(58, 8, 7168, 2048), 8,
     "DeepSeek-R1's model card: trained from DeepSeek-V3-Base, same shapes; published in fp8"},
    {"kimi-k2", 32, routed(60, 8, 7168, 2048), 8,
     "Kimi K2's model card: 32B activated; published in fp8"},
    {"llama-3-8b", 8.0, 0, 16, "The Llama 3 Herd of Models, arXiv:2407.21783; bf16"},
    {"llama-3.1-8b", 8.0, 0, 16, "The Llama 3 Herd of Models, arXiv:2407.21783; bf16"},
    {"llama-3-70b", 70.6, 0, 16, "model card: 70.6B; bf16"},
    {"llama-3.1-70b", 70.6, 0, 16, "model card: 70.6B; bf16"},
    {"llama-3.3-70b", 70.6, 0, 16, "model card: 70.6B; bf16"},
    {"qwen3-30b-a3b", 3.3, routed(48, 8, 2048, 768), 16,
     "Qwen3's model card: 3.3B activated; bf16"},
    {"qwen3-235b-a22b", 22, routed(94, 8, 4096, 1536), 16,
     "Qwen3's model card: 22B activated; bf16"},
    {"qwen3-32b", 32.8, 0, 16, "Qwen3's model card: 32.8B; bf16"},
    {"glm-4-32b", 32, 0, 16, "GLM-4-32B-0414's model card: 32B; bf16"},
};

Card to_card(const Figures& f) {
  return {
      *find_model(f.name), f.active_billion, f.routed_billion,
      f.bits_per_weight,   f.source,         f.routed_billion > 0 ? kConfig : std::string_view{}};
}

}  // namespace

Card find_card(std::string_view name) {
  if (const auto m = find_model(name))
    for (const Figures& f : kFigures)
      if (f.name == m->name) return to_card(f);
  throw config::BadInput(
      fmt::format("--model \"{}\": there is no model card of it; expected one "
                  "of {}",
                  name, known_models()));
}

std::optional<Card> card_with_heads(int heads) {
  constexpr int kLiteHeads = 16, kV3Heads = 128;
  if (heads == kLiteHeads) return find_card("deepseek-v2-lite");
  if (heads == kV3Heads) return find_card("deepseek-v3");
  return std::nullopt;
}

}  // namespace mlawave::model
