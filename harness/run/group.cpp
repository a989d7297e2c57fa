#include "harness/run/group.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/config/names.h"
#include "harness/record/summary.h"
#include "harness/run/command.h"
#include "harness/verify/verify.h"
#include "harness/workload/fill.h"
#include "kernels/choose.h"

namespace mlawave::run {
namespace {

using measure::Activity;
using record::Status;

// The same for one workload and seed on every machine; std::hash is not.
std::uint64_t seed_of(const std::string& workload_id, std::uint64_t seed) {
  std::uint64_t h = workload::mix(seed + 1);
  for (unsigned char c : workload_id) h = workload::mix(h ^ c);
  return h;
}

api::PlanRequest request_of(const Entry& e, const api::MlaProblem& problem,
                            const measure::Slice& slice) {
  return {problem, e.record.what.policy, slice.partition().sms};
}

}  // namespace

Group::Group(const GroupContext& context, const std::vector<plan::Case>& cases)
    : context_(context),
      problem_(cases.front().problem()),
      random_(seed_of(cases.front().workload_id(), context.policy.seed)) {
  for (const plan::Case& c : cases) {
    Entry& e = *entries_.emplace_back(std::make_unique<Entry>(c));
    e.record.timing = config::to_string(context.policy.timing);
    e.record.launches_per_sample = context.policy.launches_per_sample;
    e.record.command = command_for(c, context.policy, context.kernels);
  }
}

Group::~Group() = default;

GroupResult Group::run() {
  attempt_all([&] { slice_ = &context_.device.slice(entries_.front()->record.what.sms); });
  for (Entry* e : pending()) attempt(*e, [&] { find_kernel(*e); });
  if (!pending().empty())
    attempt_all([&] {
      load();
      reference_ = workload_->reference();
    });
  for (Entry* e : pending())
    if (!context_.stop()) attempt(*e, [&] { prepare(*e); });
  if (!context_.stop()) {
    add_twin();
    make_timers();
    warm_up();
    sample();
  }
  drop_timers();
  for (Entry* e : pending())
    if (e->sampled) attempt(*e, [&] { finish(*e); });
  return result();
}

void Group::choose_kernel(Entry& e) {
  plan::Case& c = e.record.what;
  const Choice choice = choose(context_.kernels, request_of(e, problem_, *slice_), c.backend);
  if (!choice.kernel) return e.end(Status::skipped, "no kernel to choose: " + choice.reason);
  c.kernel = choice.kernel->name();
  c.chosen_by = fmt::format("{}: {}", kAutoKernel, choice.reason);
}

void Group::find_kernel(Entry& e) {
  if (e.record.what.kernel == kAutoKernel) choose_kernel(e);
  if (!e.pending()) return;
  const plan::Case& c = e.record.what;
  const auto at = std::find_if(context_.kernels.begin(), context_.kernels.end(), [&](auto* k) {
    return k->name() == c.kernel && k->backend() == c.backend;
  });
  if (at == context_.kernels.end())
    return e.end(Status::skipped, fmt::format("this build has no {} kernel \"{}\"",
                                              api::to_string(c.backend), c.kernel));
  e.kernel = *at;
  e.record.partition = slice_->partition();
  const api::Support support = e.kernel->supports(request_of(e, problem_, *slice_));
  if (!support.ok) e.end(Status::skipped, support.reason);
}

void Group::load() {
  workload::FillSpec fill;
  fill.seed = context_.policy.seed;
  fill.cache = entries_.front()->record.what.cache;
  for (const auto& e : entries_)
    fill.separate_v |= e->kernel != nullptr && e->kernel->needs_separate_v();
  workload_.reset();  // one at a time
  workload_ = context_.device.load(problem_, fill);
}

void Group::prepare(Entry& e) {
  e.record.cache_copies = workload_->copies();
  e.plan = e.kernel->plan(request_of(e, problem_, *slice_));
  e.record.plan = e.plan->info();
  launch_and_verify(e, Activity::verify);
}

void Group::launch_and_verify(Entry& e, Activity activity) {
  workload_->poison_output();
  {
    const measure::Range range(e.range, activity);
    e.plan->launch(workload_->tensors(0), api::Phase::whole, slice_->stream());
    slice_->synchronize();
  }
  const auto verdict = verify::compare(workload_->read_output(), reference_, problem_.dtype);
  e.record.error = verdict.error;
  if (verdict.ok) return;
  e.end(Status::wrong, verdict.reason);
  // It may have written where it should not: the others get tensors that it never saw.
  if (!pending().empty()) attempt_all([&] { load(); });
}

std::unique_ptr<measure::Timer> Group::timer(Entry& e, api::Phase phase) {
  const auto launch = [plan = e.plan.get(), phase, stream = slice_->stream()](
                          const api::MlaTensors& t) { plan->launch(t, phase, stream); };
  return context_.device.timer(*slice_, *workload_, launch,
                               {context_.policy.launches_per_sample, context_.policy.timing});
}

// In a seeded share of the workloads one case is entered a second time, with a plan of its own.
void Group::add_twin() {
  const double lot = static_cast<double>(random_() >> 11) * 0x1p-53;
  const auto candidates = pending();
  if (lot >= context_.policy.aa_fraction || candidates.empty()) return;
  twin_of_ = candidates[random_() % candidates.size()];
  twin_ = std::make_unique<Entry>(twin_of_->record.what);
  twin_->kernel = twin_of_->kernel;
  attempt(*twin_, [&] { prepare(*twin_); });
  if (twin_->pending()) return;
  twin_of_->end(twin_->record.status, "its second plan: " + twin_->record.reason);
  twin_.reset();
}

std::vector<Entry*> Group::to_be_timed() {
  auto entries = pending();
  if (twin_ && twin_->pending()) entries.push_back(twin_.get());
  return entries;
}

void Group::make_timers() {
  for (Entry* e : to_be_timed())
    attempt(*e, [&] {
      e->whole = timer(*e, api::Phase::whole);
      if (!context_.policy.phases) return;
      e->main = timer(*e, api::Phase::main);
      if (e->record.plan.planned_on_device) e->schedule = timer(*e, api::Phase::schedule);
    });
}

void Group::drop_timers() {
  for (const auto& e : entries_) e->drop_timers();
  if (twin_) twin_->drop_timers();
}

void Group::warm_up() {
  for (Entry* e : to_be_timed())
    attempt(*e, [&] {
      const measure::Range range(e->range, Activity::warm_up);
      context_.warm_up.run(*e->whole);
      if (e->main) e->main->sample();
      if (e->schedule) e->schedule->sample();
    });
}

void Group::sample() {
  sample_interleaved(pending(), {twin_.get(), twin_of_},
                     {context_.policy, context_.device, random_, context_.stop,
                      [this](Entry& e, const Step& step) { attempt(e, step); }});
}

// A kernel whose later launches go wrong (a counter that is not set back, say) has no times.
void Group::finish(Entry& e) {
  const bool combines = e.plan->info().partials > 0;
  launch_and_verify(e, combines ? Activity::combine : Activity::verify);
  if (!e.pending()) {
    e.record.reason = "right at first, wrong after the timing: " + e.record.reason;
    return e.drop_samples();
  }
  if (!record::valid_times_us(e.record.samples).empty()) return e.end(Status::ok);
  e.end(Status::failed, fmt::format("all of {} samples were throttled: {}", e.record.samples.size(),
                                    fmt::join(e.record.sensors.throttle_reasons, ", ")));
}

void Group::attempt(Entry& e, const Step& step) {
  if (!e.pending()) return;  // an earlier step of another entry ended it too
  if (!e.last_words) e.last_words.emplace(e.record);
  if (context_.worker) context_.worker->enter(e.id);
  catch_all(e, [&] {
    const CrashGuard::Step guarded(*e.last_words);
    step();
  });
}

void Group::catch_all(Entry& e, const Step& step) {
  try {
    step();
  } catch (const measure::Unavailable& error) {
    e.end(Status::skipped, error.what());
  } catch (const measure::NotEnoughMemory& error) {
    e.end(Status::skipped, error.what());
  } catch (const std::exception& error) {
    e.drop_samples();
    e.end(Status::failed, error.what());
    if (!context_.device.healthy()) lose_device(fmt::format("{} ({})", error.what(), e.id));
  }
}

// A step for all entries in common, and so is its end. No kernel runs in it, and the oracle may
// take its time.
void Group::attempt_all(const Step& step) {
  Entry& first = *pending().front();
  catch_all(first, step);
  if (first.pending()) return;
  for (Entry* e : pending()) e->end(first.record.status, first.record.reason);
}

void Group::lose_device(const std::string& why) {
  lost_ = why;
  for (Entry* e : pending()) {
    if (e->sampled) {  // timed before; only the second verification is missing
      e->end(Status::ok);
      continue;
    }
    e->drop_samples();
    e->end(Status::not_run, "the device was lost: " + why);
  }
  if (twin_) twin_->end(Status::not_run);
}

GroupResult Group::result() {
  GroupResult r;
  r.lost = lost_;
  if (twin_ && !twin_->ended && twin_of_->ended && twin_of_->record.status == Status::ok)
    r.aa = record::AaCheck{twin_of_->id, twin_of_->record.samples, twin_->record.samples};
  if (r.aa) record::summarize(*r.aa);
  for (const auto& e : entries_)
    if (e->ended) {
      e->record.summary = record::summarize(e->record.samples);
      r.records.push_back(std::move(e->record));
    }
  return r;
}

std::vector<Entry*> Group::pending() {
  std::vector<Entry*> result;
  for (const auto& e : entries_)
    if (e->pending()) result.push_back(e.get());
  return result;
}

}  // namespace mlawave::run
