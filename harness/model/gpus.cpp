#include "harness/model/gpus.h"

#include <algorithm>
#include <vector>

#include "harness/config/names.h"

namespace mlawave::model {
namespace {

constexpr std::string_view kTuring = "NVIDIA Turing GPU Architecture whitepaper, appendix A and C";
constexpr std::string_view kVolta = "NVIDIA Tesla V100 GPU Architecture whitepaper, table 1";
constexpr std::string_view kA100 = "NVIDIA A100 Tensor Core GPU Architecture whitepaper, table 4";
constexpr std::string_view kGa102 = "NVIDIA Ampere GA102 GPU Architecture whitepaper, appendix A";
constexpr std::string_view kGeForce30 = "NVIDIA GeForce RTX 30 Series product pages";
constexpr std::string_view kAda = "NVIDIA Ada GPU Architecture whitepaper, appendix A and B";
constexpr std::string_view kGeForce40 = "NVIDIA GeForce RTX 40 Series product pages";
constexpr std::string_view kData = "NVIDIA data sheet of the card";
constexpr std::string_view kHopper = "NVIDIA H100 Tensor Core GPU Architecture whitepaper, table 3";
constexpr std::string_view kH200 = "NVIDIA H200 data sheet; L2 as the CUDA driver reports it";
constexpr std::string_view kBlackwell =
    "NVIDIA RTX Blackwell GPU Architecture whitepaper, appendix";
constexpr std::string_view kPro =
    "NVIDIA RTX PRO Blackwell GPU Architecture whitepaper, appendix A";

constexpr Gpu kGpus[] = {
    {"Tesla V100", 80, 70, 96, 6, 900, 1530, kVolta},
    {"Tesla T4", 40, 75, 64, 4, 320, 1590, kTuring},
    {"RTX 2080 Ti", 68, 75, 64, 5.5, 616, 1545, kTuring},
    {"A100 40GB", 108, 80, 164, 40, 1555, 1410, kA100},
    {"A100 80GB", 108, 80, 164, 40, 2039, 1410, kA100},
    {"A30", 56, 80, 164, 24, 933, 1440, kData},
    {"A10", 72, 86, 100, 6, 600, 1695, kData},
    {"A40", 84, 86, 100, 6, 696, 1740, kGa102},
    {"RTX A4000", 48, 86, 100, 4, 448, 1560, kData},
    {"RTX A5000", 64, 86, 100, 6, 768, 1695, kData},
    {"RTX A6000", 84, 86, 100, 6, 768, 1800, kGa102},
    {"RTX 3060", 28, 86, 100, 3, 360, 1777, kGeForce30},
    {"RTX 3060 Ti", 38, 86, 100, 4, 448, 1665, kGeForce30},
    {"RTX 3070", 46, 86, 100, 4, 448, 1725, kGa102},
    {"RTX 3070 Ti", 48, 86, 100, 4, 608, 1770, kGeForce30},
    {"RTX 3080", 68, 86, 100, 5, 760, 1710, kGa102},
    {"RTX 3080 Ti", 80, 86, 100, 6, 912, 1665, kGeForce30},
    {"RTX 3090", 82, 86, 100, 6, 936, 1695, kGa102},
    {"RTX 3090 Ti", 84, 86, 100, 6, 1008, 1860, kGeForce30},
    {"L4", 58, 89, 100, 48, 300, 2040, kData},
    {"L40", 142, 89, 100, 96, 864, 2490, kAda},
    {"L40S", 142, 89, 100, 96, 864, 2520, kData},
    {"RTX 6000 Ada", 142, 89, 100, 96, 960, 2505, kAda},
    {"RTX 4060", 24, 89, 100, 24, 272, 2460, kGeForce40},
    {"RTX 4060 Ti", 34, 89, 100, 32, 288, 2535, kGeForce40},
    {"RTX 4070", 46, 89, 100, 36, 504, 2475, kAda},
    {"RTX 4070 SUPER", 56, 89, 100, 48, 504, 2475, kGeForce40},
    {"RTX 4070 Ti", 60, 89, 100, 48, 504, 2610, kAda},
    {"RTX 4070 Ti SUPER", 66, 89, 100, 48, 672, 2610, kGeForce40},
    {"RTX 4080", 76, 89, 100, 64, 717, 2505, kAda},
    {"RTX 4080 SUPER", 80, 89, 100, 64, 736, 2550, kGeForce40},
    {"RTX 4090", 128, 89, 100, 72, 1008, 2520, kAda},
    {"H100 SXM", 132, 90, 228, 50, 3352, 1980, kHopper},
    {"H100 PCIe", 114, 90, 228, 50, 2039, 1755, kHopper},
    {"H100 NVL", 132, 90, 228, 50, 3938, 1785, kData},
    {"H200", 132, 90, 228, 60, 4800, 1980, kH200},
    {"RTX 5060 Ti", 36, 120, 100, 32, 448, 2572, kBlackwell},
    {"RTX 5070", 48, 120, 100, 48, 672, 2512, kBlackwell},
    {"RTX 5070 Ti", 70, 120, 100, 48, 896, 2452, kBlackwell},
    {"RTX 5080", 84, 120, 100, 64, 960, 2617, kBlackwell},
    {"RTX 5090", 170, 120, 100, 96, 1792, 2407, kBlackwell},
    {"RTX PRO 6000 Blackwell", 188, 120, 100, 128, 1792, 2617, kPro},
};

constexpr std::size_t kMostWords = 6;  // of a name
constexpr std::size_t kShortest = 4;   // "l4" and "t4" are too easily something else

struct GpuAlias {
  std::string_view letters;
  std::string_view name;
};

// How people and drivers write a card whose name is not simply ours.
constexpr GpuAlias kGpuAliases[] = {
    {"v100", "Tesla V100"},
    {"t4", "Tesla T4"},
    {"a100", "A100 80GB"},
    {"a100sxm4", "A100 80GB"},
    {"a100sxm440gb", "A100 40GB"},
    {"a100sxm480gb", "A100 80GB"},
    {"a100pcie", "A100 80GB"},
    {"a100pcie40gb", "A100 40GB"},
    {"a6000", "RTX A6000"},
    {"a5000", "RTX A5000"},
    {"a4000", "RTX A4000"},
    {"h100", "H100 SXM"},
    {"h10080gbhbm3", "H100 SXM"},
    {"gh200480gb", "H100 SXM"},
    {"6000ada", "RTX 6000 Ada"},
    {"rtx6000adageneration", "RTX 6000 Ada"},
    {"rtxpro6000", "RTX PRO 6000 Blackwell"},
    {"rtxpro6000blackwellworkstationedition", "RTX PRO 6000 Blackwell"},
    {"rtxpro6000blackwellserveredition", "RTX PRO 6000 Blackwell"},
    {"pro6000", "RTX PRO 6000 Blackwell"},
};

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  bool open = false;
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (letter && !open) words.emplace_back();
    if (letter) words.back().push_back(c);
    open = letter;
  }
  return words;
}

std::string join(const std::vector<std::string>& words, std::size_t from, std::size_t count) {
  std::string out;
  for (std::size_t i = from; i < from + count; ++i) out += words[i];
  return out;
}

std::string gpu_letters(std::string_view text) {
  std::string out;
  for (const std::string& w : words_of(text))
    if (w != "nvidia" && w != "geforce" && w != "tesla" && w != "graphics") out += w;
  return out;
}

std::optional<Gpu> exact_gpu(std::string_view wanted) {
  for (const Gpu& g : kGpus) {
    const std::string name = gpu_letters(g.name);
    if (name == wanted || (name.starts_with("rtx") && name.substr(3) == wanted)) return g;
  }
  for (const GpuAlias& a : kGpuAliases)
    if (a.letters == wanted) return exact_gpu(gpu_letters(a.name));
  return std::nullopt;
}

}  // namespace

std::span<const Gpu> all_gpus() { return kGpus; }

std::optional<Gpu> find_gpu(std::string_view name) { return exact_gpu(gpu_letters(name)); }

std::optional<Gpu> gpu_named_in(std::string_view text) {
  const std::vector<std::string> words = words_of(text);
  for (std::size_t count = std::min(kMostWords, words.size()); count > 0; --count)
    for (std::size_t i = 0; i + count <= words.size(); ++i)
      if (const std::string name = join(words, i, count); name.size() >= kShortest)
        if (auto gpu = exact_gpu(name)) return gpu;
  return std::nullopt;
}

std::vector<Gpu> gpus_written_out_in(std::string_view text) {
  const std::vector<std::string> words = words_of(text);
  std::vector<Gpu> all;
  for (std::size_t i = 0; i < words.size();) {
    std::size_t taken = 1;
    for (std::size_t count = std::min(kMostWords, words.size() - i); count > 0; --count) {
      const std::string name = join(words, i, count);
      if (name.size() < kShortest || name.find_first_not_of("0123456789") == name.npos) continue;
      const auto gpu = exact_gpu(name);
      if (!gpu) continue;
      all.push_back(*gpu);
      taken = count;
      break;
    }
    i += taken;
  }
  return all;
}

std::string nearest_gpu(std::string_view name) {
  std::vector<std::string> known;
  for (const Gpu& g : kGpus) known.emplace_back(g.name);
  return config::did_you_mean(name, known);
}

}  // namespace mlawave::model
