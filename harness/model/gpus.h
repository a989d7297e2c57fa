// GPUs as data: what a prediction and an explanation need to know of a card.
//
// Sources. SMs, L2, bandwidth, boost clock: the document named in each row. Shared memory per SM:
// CUDA C++ Programming Guide, "Technical Specifications per Compute Capability" (64 KB for 7.5,
// 96 for 7.0, 164 for 8.0, 100 for 8.6, 8.9 and 12.0, 228 for 9.0 and 10.0).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mlawave::model {

struct Gpu {
  std::string_view name;
  int sms = 0;
  int compute_capability = 0;  // 89: 8.9
  int shared_kb_per_sm = 0;
  double l2_mb = 0;
  double bandwidth_gb_per_s = 0;  // of the data sheet
  int boost_mhz = 0;
  std::string_view source;
};

std::span<const Gpu> all_gpus();

// By name however it is written: "RTX 4080", "NVIDIA GeForce RTX 4080", "rtx4080", "4080".
std::optional<Gpu> find_gpu(std::string_view name);

// A card named somewhere in a text of words, such as a file name; the longest name wins.
std::optional<Gpu> gpu_named_in(std::string_view text);

// All cards named in prose or a log, where "4090" alone may be any number.
std::vector<Gpu> gpus_written_out_in(std::string_view text);

// " (did you mean \"RTX 4080\"?)", or empty.
std::string nearest_gpu(std::string_view name);

}  // namespace mlawave::model
