// From the time of one attention operation to the time of one token of a whole model:
//
//   token = layers × attention + rest          tokens per second = 1 / token
//
// A projection: attention is measured (or predicted), the rest is given or counted from the weights
// that a token reads. A step of x % of the kernel is share · x % of a token, where
// share = layers × attention / token, so never more than x %.
#pragma once

#include <optional>
#include <string>

#include "harness/model/cards.h"

namespace mlawave::model {

// Everything of a token but attention.
struct Rest {
  double ms = 0;
  std::string source;  // "given", "1.43 ms: 4.8 GB of weights at 3352 GB/s (…)"
};

// How the weights are read. Rates of 1e9 bytes a second.
struct WeightReading {
  double bits_per_weight = 0;          // 0: as the card says
  double gpu_gb_per_s = 0;             // where nothing is offloaded, all of them
  std::string gpu_source;              // "measured on the NVIDIA H100 80GB HBM3"
  std::optional<double> cpu_gb_per_s;  // given: the routed experts are read from CPU memory, or all
                                       // weights where a model has no experts
};

// The least time that the weights take, at full bandwidth and with nothing else: a lower bound of
// the rest, so attention's share comes out as an upper one.
// Throws config::BadInput when gpu_gb_per_s is needed and not known.
Rest rest_of_weights(const Card&, const WeightReading&);

struct TokenTime {
  double attention_ms = 0;  // layers × attention
  double token_ms = 0;
  double share = 0;  // of attention
  double tokens_per_s = 0;
};

TokenTime token_time(double attention_us, int layers, double rest_ms);

// A step of the kernel, as the whole model sees it.
struct TokenStep {
  double token_percent = 0;         // time of a token, up
  double tokens_per_s_percent = 0;  // tokens per second, below zero
};

// `fast_us` before the step, of one operation.
TokenStep token_step(double fast_us, double jump_us, int layers, double rest_ms);

}  // namespace mlawave::model
