#include "harness/cli/per_token.h"

#include <fmt/format.h>

#include "harness/config/bad_input.h"
#include "harness/model/gpus.h"

namespace mlawave::cli {
namespace {

using config::BadInput;

void set_gpu(model::WeightReading& w, const model::Gpu& gpu) {
  w.gpu_gb_per_s = gpu.bandwidth_gb_per_s;
  w.gpu_source = fmt::format("the {}'s data sheet", gpu.name);
}

}  // namespace

void PerToken::add_to(CLI::App& c) {
  const char* group = "Projection to a whole model";
  CLI::Option* flag =
      c.add_flag("--per-token", on,
                 "layers x attention + the rest: tokens per second of --model, else by heads")
          ->group(group);
  c.add_option("--rest-ms", rest_ms, "A token's time without attention, as measured")
      ->check(CLI::Range(0.0, 1e6))
      ->needs(flag)
      ->group(group);
  c.add_option("--bits-per-weight", bits_per_weight, "Of the weights as loaded, as published else")
      ->check(CLI::Range(0.1, 64.0))
      ->needs(flag)
      ->group(group);
  c.add_option("--rest-gpu", rest_gpu, "Card that reads the weights, the run's own otherwise")
      ->needs(flag)
      ->group(group);
  c.add_option("--weight-gb-per-s", weight_gb_per_s,
               "Experts are in CPU memory (all weights of a model without) and read at this rate")
      ->check(CLI::Range(1e-3, 1e6))
      ->needs(flag)
      ->group(group);
}

model::Card card_of(const PerToken& f, int heads) {
  if (!f.model.empty()) return model::find_card(f.model);
  if (const auto card = model::card_with_heads(heads)) return *card;
  throw BadInput(fmt::format("--per-token: {}; expected --model, one of {}",
                             heads == 0 ? "the table does not say whose attention it is"
                                        : fmt::format("several models may have {} heads", heads),
                             model::known_models()));
}

model::Rest rest_of(const PerToken& f, const model::Card& card, const std::string& device,
                    double read_gb_per_s) {
  if (f.rest_ms) {
    if (f.bits_per_weight || f.weight_gb_per_s || !f.rest_gpu.empty())
      throw BadInput(
          "--rest-ms: gives the rest whole; expected no --bits-per-weight, --weight-gb-per-s or "
          "--rest-gpu with it");
    return {*f.rest_ms, "given"};
  }
  model::WeightReading w{f.bits_per_weight.value_or(0), read_gb_per_s, "measured on the " + device,
                         f.weight_gb_per_s};
  if (!f.rest_gpu.empty()) {
    const auto gpu = model::find_gpu(f.rest_gpu);
    if (!gpu)
      throw BadInput(fmt::format("--rest-gpu: \"{}\", expected a card of the table of GPUs{}",
                                 f.rest_gpu, model::nearest_gpu(f.rest_gpu)));
    set_gpu(w, *gpu);
  } else if (read_gb_per_s <= 0) {
    if (const auto gpu = model::gpu_named_in(device)) set_gpu(w, *gpu);
  }
  model::Rest rest = model::rest_of_weights(card, w);
  rest.source += "; the least it can be: nothing but weights, at full bandwidth";
  return rest;
}

}  // namespace mlawave::cli
