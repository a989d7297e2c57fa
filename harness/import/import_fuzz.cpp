// Any bytes as somebody's table: read or refused with BadInput, and what is read can be explained.
//   cmake --preset fuzz && cmake --build --preset fuzz --target import_fuzz
//   build/fuzz/harness/import/import_fuzz -max_total_time=600 NEW_INPUTS harness/import/testdata
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

#include "harness/analysis/explain.h"
#include "harness/analysis/report.h"
#include "harness/config/bad_input.h"
#include "harness/import/read.h"
#include "harness/import/series.h"

namespace {

using namespace mlawave;

// What a table promises.
void check(const importer::Table& t) {
  if (!t.unusable.empty()) return;
  if (t.rows.size() < 2 || t.line < 1) std::abort();
  for (const importer::Row& r : t.rows)
    if (!(r.time_us > 0) || !std::isfinite(r.time_us) || r.n_kv < 0) std::abort();
}

void explain(const importer::Table& t) {
  constexpr std::size_t kMostRows = 400;  // the explanation is not what is fuzzed
  if (!t.unusable.empty() || t.rows.size() > kMostRows) return;
  analysis::Question q;
  q.shuffles = 3;
  const std::vector<analysis::Explanation> all{analysis::explain(importer::to_series(t), q)};
  if (analysis::as_json(all).empty() || analysis::as_text(all[0]).empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream in(std::string(reinterpret_cast<const char*>(data), size));
  importer::Options options;
  if (size > 0) options.skip_bad_rows = data[size - 1] % 2 == 0;
  try {
    for (const importer::Table& t : importer::read_stream(in, "fuzz", options)) {
      check(t);
      explain(t);
    }
  } catch (const config::BadInput&) {
  }
  return 0;
}
