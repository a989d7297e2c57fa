#include "harness/export/projected.h"

#include "harness/record/summary.h"

namespace mlawave::exporting {

std::vector<record::Record> projected(std::span<const record::Record> records,
                                      const model::Card& card, const model::Rest& rest) {
  constexpr double kUsPerMs = 1e3;
  std::vector<record::Record> out;
  for (const record::Record& r : records) {
    const plan::Case& c = r.what;
    if (r.status != record::Status::ok || !c.ragged.empty() || c.batch != 1 || c.s_q != 1 ||
        c.heads != card.model.heads)
      continue;
    record::Record& token = out.emplace_back(r);
    token.main_samples.clear();
    for (record::Sample& s : token.samples)
      s.time_us = kUsPerMs * model::token_time(s.time_us, card.model.layers, rest.ms).token_ms;
    token.summary = record::summarize(token.samples);
  }
  return out;
}

}  // namespace mlawave::exporting
