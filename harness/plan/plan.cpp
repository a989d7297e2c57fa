#include "harness/plan/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "harness/config/axis_text.h"
#include "harness/config/bad_input.h"

namespace mlawave::plan {
namespace {

// The mixed-radix digits of an index, least significant first.
class Digits {
 public:
  explicit Digits(std::size_t index) : rest_(index) {}
  template <class T>
  const T& pick(const std::vector<T>& axis) {
    const T& value = axis[rest_ % axis.size()];
    rest_ /= axis.size();
    return value;
  }

 private:
  std::size_t rest_;
};

// 0..n-1, each equally likely. std::uniform_int_distribution differs between standard libraries.
std::size_t below(std::mt19937_64& random, std::size_t n) {
  const std::uint64_t limit = UINT64_MAX - UINT64_MAX % n;
  std::uint64_t x;
  do x = random();
  while (x >= limit);
  return x % n;
}

void shuffle(std::vector<Workload>& items, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(random, i)]);
}

std::vector<int> chunks_of(schedule::Kind kind, const config::SweepConfig& config) {
  if (schedule::takes_chunk(kind)) return config.chunks;
  return {schedule::kGranule};
}

// The sorted values that one field of the cases has.
template <class Field>
auto values(const std::vector<Case>& cases, Field field) {
  std::vector<std::decay_t<decltype(field(cases.front()))>> all;
  for (const Case& c : cases) all.push_back(field(c));
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

config::SweepConfig covering(const config::SweepConfig& base, const std::vector<Case>& cases) {
  config::SweepConfig c = base;
  c.backends = values(cases, [](const Case& x) { return x.backend; });
  c.kernels = values(cases, [](const Case& x) { return x.kernel; });
  c.schedules = values(cases, [](const Case& x) { return x.policy.kind; });
  c.sms = values(cases, [](const Case& x) { return x.sms; });
  c.chunks = values(cases, [](const Case& x) { return x.policy.chunk; });
  c.splits = values(cases, [](const Case& x) { return x.policy.splits; });
  c.heads = values(cases, [](const Case& x) { return x.heads; });
  c.s_q = values(cases, [](const Case& x) { return x.s_q; });
  c.batches = values(cases, [](const Case& x) { return x.batch; });
  c.dtypes = values(cases, [](const Case& x) { return x.dtype; });
  c.layouts = values(cases, [](const Case& x) { return x.layout; });
  c.caches = values(cases, [](const Case& x) { return x.cache; });
  c.n_kv = values(cases, [](const Case& x) { return x.n_kv; });
  c.ragged.clear();
  c.around_boundaries = false;
  return c;
}

// Neighbours that share their tensors.
std::vector<Workload> workloads_of(const std::vector<Case>& cases) {
  std::vector<Workload> result;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (i == 0 || cases[i].workload_id() != cases[i - 1].workload_id()) result.push_back({i, 0});
    ++result.back().count;
  }
  return result;
}

}  // namespace

Plan::Plan(config::SweepConfig config, const SlotsOf& slots_of)
    : config_(std::move(config)), variants_(variants()) {
  if (!config_.around_boundaries || config_.n_kv.empty()) {
    lengths_.push_back({config_.n_kv});
    problems_ = count_problems(lengths_.front());
    return;
  }
  first_problem_.push_back(0);
  for (std::size_t s = 0; s < settings(); ++s) {
    Case sample;
    apply_setting(s, sample);
    lengths_.push_back(around_boundaries(sample, slots_of));
    first_problem_.push_back(first_problem_.back() + count_problems(lengths_.back()));
    if (first_problem_.back() > static_cast<std::size_t>(config::kMaxAxisPoints))
      throw config::BadInput(
          fmt::format("around_boundaries: more than {} workloads, expected fewer SM counts, batch "
                      "sizes or n_kv",
                      config::kMaxAxisPoints));
  }
}

Plan::Plan(const config::SweepConfig& base, std::vector<Case> cases)
    : config_(covering(base, cases)), cases_(std::move(cases)) {
  const auto order = [](const Case& a, const Case& b) {
    const std::string left = a.workload_id(), right = b.workload_id();
    return left != right ? left < right : a.id() < b.id();
  };
  std::sort(cases_.begin(), cases_.end(), order);
  const auto same = [](const Case& a, const Case& b) { return a.id() == b.id(); };
  cases_.erase(std::unique(cases_.begin(), cases_.end(), same), cases_.end());
}

std::vector<Plan::Variant> Plan::variants() const {
  std::vector<Variant> result;
  for (schedule::Kind kind : config_.schedules)
    for (int chunk : chunks_of(kind, config_)) {
      const bool split = kind == schedule::Kind::split_kv;
      for (int splits : split ? config_.splits : std::vector{schedule::Policy{}.splits})
        for (std::size_t k = 0; k < config_.kernels.size(); ++k)
          result.push_back({k, {kind, chunk, splits}});
    }
  return result;
}

Plan::Lengths Plan::around_boundaries(const Case& sample, const SlotsOf& slots_of) const {
  const auto [lo, hi] = std::minmax_element(config_.n_kv.begin(), config_.n_kv.end());
  Lengths result;
  for (int batch : config_.batches) {
    std::vector<std::int64_t> all = config_.n_kv;
    for (const Variant& v : variants_) {
      if (!schedule::has_boundaries(v.policy.kind)) continue;
      const Slots s = slots_of({sample.backend, config_.kernels[v.kernel], sample.sms, sample.heads,
                                sample.s_q, sample.page_size});
      const auto points = points_around_boundaries(
          {v.policy.chunk, s.slots, std::int64_t{s.n_tiles} * batch}, *lo, *hi);
      all.insert(all.end(), points.begin(), points.end());
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    result.push_back(std::move(all));
  }
  return result;
}

std::size_t Plan::settings() const {
  return config_.backends.size() * config_.sms.size() * config_.heads.size() * config_.s_q.size() *
         config_.dtypes.size() * config_.layouts.size() * config_.page_sizes.size() *
         config_.caches.size();
}

void Plan::apply_setting(std::size_t setting, Case& c) const {
  Digits digits(setting);
  c.sms = digits.pick(config_.sms);
  c.s_q = digits.pick(config_.s_q);
  c.heads = digits.pick(config_.heads);
  c.cache = digits.pick(config_.caches);
  c.page_size = digits.pick(config_.page_sizes);
  c.layout = digits.pick(config_.layouts);
  c.dtype = digits.pick(config_.dtypes);
  c.backend = digits.pick(config_.backends);
}

const Plan::Lengths& Plan::lengths(std::size_t setting) const {
  return lengths_.size() == 1 ? lengths_.front() : lengths_[setting];
}

std::size_t Plan::count_problems(const Lengths& lists) const {
  std::size_t n = config_.ragged.size();
  if (lists.size() == 1) return n + lists.front().size() * config_.batches.size();
  for (const auto& list : lists) n += list.size();
  return n;
}

void Plan::apply_problem(std::size_t setting, std::size_t problem, Case& c) const {
  const Lengths& lists = lengths(setting);
  for (std::size_t b = 0; b < config_.batches.size(); ++b) {
    const auto& list = lists.size() == 1 ? lists.front() : lists[b];
    if (problem < list.size()) {
      c.batch = config_.batches[b];
      c.n_kv = list[problem];
      return;
    }
    problem -= list.size();
  }
  c.ragged = config_.ragged[problem];
  c.batch = static_cast<int>(c.ragged.size());
  c.n_kv = *std::max_element(c.ragged.begin(), c.ragged.end());
}

std::size_t Plan::size() const {
  if (!cases_.empty()) return cases_.size();
  const std::size_t all_problems =
      first_problem_.empty() ? settings() * problems_ : first_problem_.back();
  return all_problems * variants_.size();
}

Case Plan::at(std::size_t i) const {
  if (!cases_.empty()) return cases_[i];
  const Variant& variant = variants_[i % variants_.size()];
  std::size_t problem = i / variants_.size();
  std::size_t setting;
  if (first_problem_.empty()) {
    setting = problem / problems_;
    problem %= problems_;
  } else {
    const auto next = std::upper_bound(first_problem_.begin(), first_problem_.end(), problem);
    setting = static_cast<std::size_t>(next - first_problem_.begin()) - 1;
    problem -= first_problem_[setting];
  }
  Case c;
  apply_setting(setting, c);
  apply_problem(setting, problem, c);
  c.kernel = config_.kernels[variant.kernel];
  c.policy = variant.policy;
  c.scale = config_.scale;
  return c;
}

std::vector<Workload> Plan::workloads() const {
  std::vector<Workload> result = workloads_of(cases_);
  const std::size_t n = cases_.empty() ? size() : 0;
  if (n != 0) result.reserve(n / variants_.size());
  for (std::size_t first = 0; first < n; first += variants_.size())
    result.push_back({first, variants_.size()});
  shuffle(result, config_.policy.seed);
  return result;
}

}  // namespace mlawave::plan
