#include "harness/run/sampling.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

#include "harness/record/summary.h"
#include "harness/stats/stopping.h"

namespace mlawave::run {
namespace {

constexpr int kTakesPerSample = 2;  // throttled samples are re-taken up to as many as max_samples

// Clocks resolve no more, and files stay short: to 0.1 ns.
record::Sample rounded(record::Sample s) {
  s.time_us = std::round(s.time_us * 1e4) / 1e4;
  return s;
}

void take_sample(Entry& e, double idle_ms) {
  const auto sample = [&](measure::Timer& timer) {
    if (idle_ms > 0)
      std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(idle_ms));
    const measure::Range range(e.range, measure::Activity::sample);
    return rounded(timer.sample());
  };
  e.record.samples.push_back(sample(*e.whole));
  if (e.main) e.record.main_samples.push_back(sample(*e.main));
  if (e.schedule) e.record.schedule_samples.push_back(sample(*e.schedule));
}

std::string stopped_by(const record::Record& r, const config::Policy& p) {
  const auto times = record::valid_times_us(r.samples);
  switch (stats::decide(times, {p.min_samples, p.max_samples, p.target_interval})) {
    case stats::Stop::interval:
      return "interval";
    case stats::Stop::max_samples:
      return "max_samples";
    case stats::Stop::go_on:
      break;
  }
  const bool all_taken = static_cast<int>(r.samples.size()) >= kTakesPerSample * p.max_samples;
  return all_taken ? "max_samples" : "";
}

void decide(Entry& e, const Sampling& s) {
  e.record.stopped_by = stopped_by(e.record, s.policy);
  if (e.record.stopped_by.empty()) return;
  e.record.sensors = s.device.sensors();
  e.sampled = true;
}

bool wants_sample(const Entry& e) { return e.pending() && !e.sampled; }

// An interrupt keeps what has enough samples; the rest is left for a resumed run.
void keep_what_is_enough(const std::vector<Entry*>& entries, const Sampling& s) {
  for (Entry* e : entries) {
    if (!wants_sample(*e)) continue;
    const auto valid = record::valid_times_us(e->record.samples).size();
    if (static_cast<int>(valid) < s.policy.min_samples) continue;
    e->record.stopped_by = "interrupt";
    s.attempt(*e, [&] { e->record.sensors = s.device.sensors(); });
    e->sampled = true;
  }
}

}  // namespace

void sample_interleaved(std::vector<Entry*> entries, Twin twin, const Sampling& s) {
  std::vector<Entry*> round;
  for (;;) {
    round.clear();
    std::copy_if(entries.begin(), entries.end(), std::back_inserter(round),
                 [](Entry* e) { return wants_sample(*e); });
    if (round.empty()) return;
    if (twin.entry && wants_sample(*twin.of) && twin.entry->pending()) round.push_back(twin.entry);
    std::shuffle(round.begin(), round.end(), s.random);
    for (Entry* e : round) {
      if (s.stop()) return keep_what_is_enough(entries, s);
      if (wants_sample(*e)) s.attempt(*e, [&] { take_sample(*e, s.policy.idle_ms); });
    }
    for (Entry* e : round)
      if (e != twin.entry && wants_sample(*e)) s.attempt(*e, [&] { decide(*e, s); });
  }
}

}  // namespace mlawave::run
