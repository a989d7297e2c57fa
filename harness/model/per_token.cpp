#include "harness/model/per_token.h"

#include <fmt/format.h>

#include "harness/config/bad_input.h"

namespace mlawave::model {
namespace {

constexpr double kMsPerUs = 1e-3;
constexpr double kBitsPerByte = 8;

double gigabytes(double billion, double bits) { return billion * bits / kBitsPerByte; }
double ms(double gigabytes, double gb_per_s) { return 1e3 * gigabytes / gb_per_s; }

}  // namespace

Rest rest_of_weights(const Card& card, const WeightReading& w) {
  const double bits = w.bits_per_weight > 0 ? w.bits_per_weight : card.bits_per_weight;
  const bool experts = card.routed_billion > 0;
  const double away = !w.cpu_gb_per_s ? 0 : experts ? card.routed_billion : card.active_billion;
  const double here_gb = gigabytes(card.active_billion - away, bits);
  const double away_gb = gigabytes(away, bits);
  if (here_gb > 0 && w.gpu_gb_per_s <= 0)
    throw config::BadInput(
        "per-token: how fast the GPU reads weights is not known; expected --rest-ms, or "
        "--rest-gpu with a card of the table of GPUs");
  Rest out;
  if (here_gb > 0) {
    out.ms += ms(here_gb, w.gpu_gb_per_s);
    out.source = fmt::format("{:.3g} GB of weights at {:.0f} GB/s ({})", here_gb, w.gpu_gb_per_s,
                             w.gpu_source);
  }
  if (away_gb > 0) {
    out.ms += ms(away_gb, *w.cpu_gb_per_s);
    out.source +=
        fmt::format("{}{:.3g} GB {} in CPU memory at {:.0f} GB/s", out.source.empty() ? "" : " + ",
                    away_gb, experts ? "of routed experts" : "of weights", *w.cpu_gb_per_s);
  }
  out.source += fmt::format("; {:.3g} bits a weight", bits);
  return out;
}

TokenTime token_time(double attention_us, int layers, double rest_ms) {
  TokenTime t;
  t.attention_ms = layers * attention_us * kMsPerUs;
  t.token_ms = t.attention_ms + rest_ms;
  t.share = t.attention_ms / t.token_ms;
  t.tokens_per_s = 1e3 / t.token_ms;
  return t;
}

TokenStep token_step(double fast_us, double jump_us, int layers, double rest_ms) {
  const TokenTime fast = token_time(fast_us, layers, rest_ms);
  const TokenTime slow = token_time(fast_us + jump_us, layers, rest_ms);
  return {100 * (slow.token_ms / fast.token_ms - 1),
          100 * (slow.tokens_per_s / fast.tokens_per_s - 1)};
}

}  // namespace mlawave::model
