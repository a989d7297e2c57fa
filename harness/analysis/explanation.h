// What is said about a series.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/analysis/hypothesis.h"
#include "harness/analysis/projection.h"
#include "harness/analysis/series.h"

namespace mlawave::analysis {

enum class Verdict { waves, none, ambiguous, unresolvable };

enum class Cause {
  wave_quantization,
  tile_or_page_rounding,
  l2_capacity,
  kernel_or_split_switch,
  throttle_or_clock,
  cpu_thread_imbalance,
  noise_or_bad_row,
  unexplained,
};

enum class Confidence { high, medium, suggestive };

std::string_view to_string(Verdict);
std::string_view to_string(Cause);
std::string_view to_string(Confidence);

struct Dip {
  std::int64_t n_kv = 0;      // first slow row
  std::int64_t boundary = 0;  // last fast n_kv, as the schedule says
  std::int64_t m = 0;         // max_load up to the boundary
  double jump_us = 0;
  double jump_percent = 0;
  double interval_percent[2] = {0, 0};      // 95 %
  std::optional<double> predicted_percent;  // of the fitted time model
  double score = 0;                         // jump / standard error
  Cause cause = Cause::wave_quantization;
  Confidence confidence = Confidence::suggestive;
};

struct Event {  // not a wave
  std::int64_t n_kv = 0;
  std::int64_t last_n_kv = 0;  // of a stretch; else n_kv
  double jump_us = 0;
  double jump_percent = 0;
  Cause cause = Cause::unexplained;
  std::string evidence;
};

struct ModelFit {
  double r2 = 0;
  double heldout_error = 0;  // mean |error| of rows left out of the fit, fraction
  double null_p = 1;         // F-test against units/slots in place of max_load
  std::vector<std::pair<std::string, double>> params;
};

struct Explanation {
  std::string name;
  std::size_t points = 0;
  bool measured = true;  // false: of a model
  Verdict verdict = Verdict::none;
  std::string reason;  // of the verdict, in a sentence
  int batch = 1;
  std::optional<double> period_tokens;  // of one request: a batch of b has b times as many steps
  std::optional<double> p_value;
  std::optional<int> sms, ctas_per_sm, n_tiles, chunk;
  std::string sms_source;  // "given", "of the RTX 4080 (named in the file)", "inferred", …
  std::vector<Hypothesis> hypotheses;  // all that fit equally well
  std::int64_t boundaries = 0;         // of the chosen hypothesis that the rows could show
  std::int64_t seen = 0;               // of those, how many show
  double shifted = 1;  // statistic of the boundaries at their best other phase / in place
  double noise_percent = 0;
  double row_step = 0;
  std::optional<ModelFit> model;
  std::vector<Dip> dips;
  std::vector<Event> other_events;
  std::vector<BadRow> bad_rows;
  std::vector<std::string> advice;
  std::optional<Projection> per_token;  // where it was asked for
};

}  // namespace mlawave::analysis
