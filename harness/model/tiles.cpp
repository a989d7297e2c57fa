#include "harness/model/tiles.h"

#include <algorithm>

namespace mlawave::model {
namespace {

// Source of heads and layers: config.json of each model on its publisher's page.
constexpr LanguageModel kModels[] = {
    {"deepseek-v2-lite", 16, 1, 27}, {"deepseek-v2", 128, 1, 60},  {"deepseek-v3", 128, 1, 61},
    {"deepseek-r1", 128, 1, 61},     {"kimi-k2", 64, 1, 61},       {"llama-3-8b", 32, 8, 32},
    {"llama-3.1-8b", 32, 8, 32},     {"llama-3-70b", 64, 8, 80},   {"llama-3.1-70b", 64, 8, 80},
    {"llama-3.3-70b", 64, 8, 80},    {"qwen3-30b-a3b", 32, 4, 48}, {"qwen3-235b-a22b", 64, 4, 94},
    {"qwen3-32b", 64, 8, 64},        {"glm-4-32b", 48, 2, 61},
};

// Short forms in file names.
struct ModelAlias {
  std::string_view letters, name;
};
constexpr ModelAlias kModelAliases[] = {
    {"deepseeklite", "deepseek-v2-lite"},  {"deepseekcoderv2lite", "deepseek-v2-lite"},
    {"deepseek2lite", "deepseek-v2-lite"}, {"qwen330b", "qwen3-30b-a3b"},
    {"qwen3235b", "qwen3-235b-a22b"},      {"glm432b", "glm-4-32b"},
    {"glm432b0414", "glm-4-32b"},          {"metallama318b", "llama-3.1-8b"},
    {"metallama38b", "llama-3-8b"},        {"llama318b", "llama-3.1-8b"},
};

std::string model_letters(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out.push_back(c);
  }
  return out;
}

std::optional<LanguageModel> exact_model(std::string_view wanted) {
  for (const LanguageModel& m : kModels)
    if (model_letters(m.name) == wanted) return m;
  for (const ModelAlias& a : kModelAliases)
    if (a.letters == wanted) return exact_model(model_letters(a.name));
  return std::nullopt;
}

}  // namespace

int head_tiles(int heads, int kv_heads) {
  constexpr int kMlaRows = 16;
  if (kv_heads <= 1) return std::max(1, (heads + kMlaRows - 1) / kMlaRows);
  const int ratio = std::max(1, heads / kv_heads);
  for (int group : {8, 4, 2})
    if (ratio % group == 0) return kv_heads * (ratio / group);
  return kv_heads * ratio;
}

std::optional<LanguageModel> find_model(std::string_view name) {
  return exact_model(model_letters(name));
}

std::optional<LanguageModel> model_named_in(std::string_view text) {
  const std::string all = model_letters(text);
  std::optional<LanguageModel> best;
  std::size_t longest = 0;
  auto consider = [&](std::string_view key, std::string_view name) {
    if (key.size() <= longest || all.find(key) == all.npos) return;
    longest = key.size();
    best = exact_model(model_letters(name));
  };
  for (const LanguageModel& m : kModels) consider(model_letters(m.name), m.name);
  for (const ModelAlias& a : kModelAliases) consider(a.letters, a.name);
  return best;
}

std::string known_models() {
  std::string out;
  for (const LanguageModel& m : kModels) (out += out.empty() ? "" : ", ") += m.name;
  return out;
}

}  // namespace mlawave::model
