#include "harness/import/prose.h"

#include "harness/model/gpus.h"

namespace mlawave::importer {

void Prose::line(std::string_view text) {
  constexpr std::size_t kLongest = 400;
  constexpr int kMostLines = 1000;  // a log of any size stays cheap
  if (several_ || text.size() > kLongest || ++lines_ > kMostLines) return;
  for (const model::Gpu& gpu : model::gpus_written_out_in(text)) {
    several_ = several_ || (!gpu_.empty() && gpu_ != gpu.name);
    gpu_ = gpu.name;
  }
}

}  // namespace mlawave::importer
