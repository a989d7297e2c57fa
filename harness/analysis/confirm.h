// The causal proof of a dip: with another SM count, and with another chunk, the schedule code says
// where it must move to, and that it must be gone from its old place.
//
//   plan_confirmation   dips that were found -> experiments, a few rows each (pure)
//   judge               the rows, measured   -> confirmed, refuted, not_testable (pure)
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/analysis/dealing.h"
#include "harness/analysis/explanation.h"
#include "harness/analysis/series.h"
#include "harness/plan/case.h"
#include "harness/record/read_run.h"

namespace mlawave::analysis {

enum class Change { sms, chunk };
enum class Outcome { confirmed, refuted, not_testable };
std::string_view to_string(Change);
std::string_view to_string(Outcome);

inline constexpr int kRowsPerSide = 3;

// Rows on both sides of a place; ascending n_kv.
struct Site {
  std::vector<std::int64_t> before, after;  // [kRowsPerSide]
};

struct Experiment {
  Change change = Change::sms;
  std::string impossible;  // why there is none; the rest is empty then
  plan::Case what;         // the changed curve; its n_kv means nothing
  int sms = 0;             // true count
  Dealing dealing;
  std::int64_t m = 0;         // max_load up to the new boundary
  std::int64_t boundary = 0;  // where the dip must move to: the last fast n_kv
  double predicted_us = 0;    // its jump there, to first order: as much as one unit takes longer
  Site at_new, at_old;
};

struct DipTest {
  Dip dip;
  std::vector<Experiment> experiments;  // one of each Change
};

struct SeriesTest {
  std::string name;
  Verdict verdict = Verdict::none;  // of the explanation
  std::vector<DipTest> dips;
};

struct ConfirmPlan {
  std::vector<SeriesTest> series;  // those with a dip
  std::vector<plan::Case> cases() const;
};

// What a kernel makes of a case on this device; nothing where one of them cannot.
struct Dealt {
  int slots = 0, n_tiles = 0;
};
using Probe = std::function<std::optional<Dealt>(const plan::Case&)>;

// `series` as series_of(run) gives them, `explanations` in the same order. The fewest SM counts and
// chunks that reach all dips; new places lie inside the n_kv that were measured.
ConfirmPlan plan_confirmation(const record::Run&, std::span<const Series> series,
                              std::span<const Explanation> explanations, const Probe&);

enum class Step { shows, none, unclear };

struct Seen {                                // at a site
  double jump_us = 0, lo_us = 0, hi_us = 0;  // 95 %
  double level_us = 0;                       // time before the step
  Step step = Step::unclear;
};

struct ExperimentResult {
  Experiment planned;
  Outcome outcome = Outcome::not_testable;
  std::string reason;
  std::optional<Seen> at_new, at_old;  // nothing where rows are missing
};

struct DipResult {
  Dip dip;
  Outcome outcome = Outcome::not_testable;
  std::string reason;
  std::vector<ExperimentResult> experiments;
};

struct SeriesResult {
  std::string name;
  Verdict verdict = Verdict::none;
  std::vector<DipResult> dips;
};

struct Confirmation {
  std::vector<SeriesResult> series;
  std::size_t points = 0;  // cases that were asked for
  std::size_t count(Outcome) const;
};

// `measured`: the run of the plan's cases. An experiment
//   confirmed     the step shows at the new place (95 % interval above 0, at least a third of the
//                 predicted size) and is gone at the old one (interval below half of what it was)
//   refuted       the step stayed at the old place, or the new place has none
//   not_testable  planned as impossible, rows missing, or noise hides the answer
// One refuted experiment refutes the dip, else one confirmed experiment confirms it.
Confirmation judge(const ConfirmPlan&, const record::Run& measured);

}  // namespace mlawave::analysis
