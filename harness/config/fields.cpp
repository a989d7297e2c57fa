#include "harness/config/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

namespace mlawave::config {
namespace {

// Limits that keep rows × bytes inside 63 bits; what fits a device is found out when it runs.
constexpr IntRule kNkv{0, std::int64_t{1} << 32};
constexpr IntRule kSms{0, 65536, 1, "all"};
constexpr IntRule kChunk{schedule::kMinChunk, schedule::kMaxChunk, 32};
constexpr IntRule kSplits{1, 65536};
constexpr IntRule kHeads{1, 128};
constexpr IntRule kSq{1, 8};
constexpr IntRule kBatch{1, 65536};
constexpr IntRule kPageSize{0, api::kMaxPageSize, 1, "contiguous", true};
constexpr std::int64_t kMaxRagged = 1'000'000;

struct Model {
  const char* name;
  int heads;
};
// Source: config.json of the published models (num_attention_heads).
constexpr Model kModels[] = {{"deepseek-v2-lite", 16}, {"deepseek-v3", 128}};

std::vector<int> ints(const Value& value, const IntRule& rule) {
  const auto wide = read_ints(value, rule);
  return {wide.begin(), wide.end()};
}

void read_model(const Value& value, SweepConfig& c) {
  const std::string name = read_text(value);
  std::vector<std::string> known;
  for (const Model& model : kModels) {
    if (name == model.name) {
      c.heads = {model.heads};
      return;
    }
    known.push_back(model.name);
  }
  value.fail(one_of(known) + did_you_mean(name, known));
}

void read_kernels(const Value& value, const KnownNames& known, SweepConfig& c) {
  c.kernels = read_names(value);
  for (const std::string& name : c.kernels)
    if (std::find(known.kernels.begin(), known.kernels.end(), name) == known.kernels.end())
      Value{name, value.place}.fail("a kernel: " + one_of(known.kernels) +
                                    did_you_mean(name, known.kernels) +
                                    (known.note.empty() ? "" : "; " + known.note));
}

void read_ragged(const Value& value, SweepConfig& c) {
  if (!value.json.is_array()) value.fail("a list of batches, each a list of lengths");
  c.ragged.clear();
  std::set<std::vector<std::int64_t>> seen;
  std::int64_t total = 0;
  for (std::size_t i = 0; i < value.json.size(); ++i) {
    const Value batch = value.element(i);
    auto lengths = read_lengths(batch, kNkv);
    if (static_cast<std::int64_t>(lengths.size()) > kBatch.max)
      batch.fail(fmt::format("at most {} lengths", kBatch.max));
    if (!seen.insert(lengths).second) continue;
    total += static_cast<std::int64_t>(lengths.size());
    if (total > kMaxRagged) batch.fail(fmt::format("at most {} lengths in all", kMaxRagged));
    c.ragged.push_back(std::move(lengths));
  }
}

int small(const Value& value, std::int64_t min, std::int64_t max) {
  return static_cast<int>(read_int(value, {min, max}));
}

using V = const Value&;
using K = const KnownNames&;
using C = SweepConfig&;
constexpr double kMaxScale = 1000;

const Field kFields[] = {
    {"name", "--name", "Name of the run, shown in reports and figures", Takes::text,
     [](V v, K, C c) { c.name = read_text(v); }},
    {"description", "", "For people", Takes::text,
     [](V v, K, C c) { c.description = read_text(v); }},
    {"backend", "--backend", "cuda, cpu (default: cuda where there is a GPU, else cpu)",
     Takes::list,
     [](V v, K, C c) {
       c.backends = read_enums<api::Backend>(v, {"cuda", "cpu"}, [](const std::string& name) {
         const auto b = api::parse_backend(name);
         return b == api::Backend::model ? std::nullopt : b;
       });
     }},
    {"kernel", "--kernel",
     "Kernels (`mlawave devices` lists them), or auto: the one for the problem", Takes::list,
     [](V v, K k, C c) { read_kernels(v, k, c); }},
    {"n_kv", "--n-kv", "Tokens in the cache: 256:66560:256 (start:stop:step), a list, or both",
     Takes::list, [](V v, K, C c) { c.n_kv = read_ints(v, kNkv); }},
    {"ragged", "--ragged", "One batch of unequal lengths, e.g. 4641,45118,1730,1696; repeatable",
     Takes::each, [](V v, K, C c) { read_ragged(v, c); }},
    {"sms", "--sms", "SM counts (CPU: worker threads); all or 0: the whole device", Takes::list,
     [](V v, K, C c) { c.sms = ints(v, kSms); }},
    {"chunk", "--chunk", "KV tokens in a unit: multiples of 32 from 32 to 4096", Takes::list,
     [](V v, K, C c) { c.chunks = ints(v, kChunk); }},
    {"schedule", "--schedule", "stream_k, wave, split_kv, balanced", Takes::list,
     [](V v, K, C c) {
       c.schedules = read_enums<schedule::Kind>(
           v, {"stream_k", "wave", "split_kv", "balanced"},
           [](const std::string& name) { return schedule::parse_kind(name); });
     }},
    {"splits", "--splits", "Parts per request and head tile (schedule split_kv only)", Takes::list,
     [](V v, K, C c) { c.splits = ints(v, kSplits); }},
    {"heads", "--heads", "Query heads, 1 to 128", Takes::list,
     [](V v, K, C c) { c.heads = ints(v, kHeads); }},
    {"model", "--model", "deepseek-v2-lite (16 heads) or deepseek-v3 (128), instead of heads",
     Takes::text, [](V v, K, C c) { read_model(v, c); }},
    {"batch", "--batch", "Requests of the same n_kv", Takes::list,
     [](V v, K, C c) { c.batches = ints(v, kBatch); }},
    {"s_q", "--s-q", "New tokens per request, 1 to 8", Takes::list,
     [](V v, K, C c) { c.s_q = ints(v, kSq); }},
    {"dtype", "--dtype", "f16, bf16", Takes::list,
     [](V v, K, C c) {
       c.dtypes = read_enums<api::Dtype>(
           v, {"f16", "bf16"}, [](const std::string& name) { return api::parse_dtype(name); });
     }},
    {"layout", "--layout", "Columns of a cache row: rope_nope, nope_rope", Takes::list,
     [](V v, K, C c) {
       c.layouts =
           read_enums<api::Layout>(v, {"rope_nope", "nope_rope"},
                                   [](const std::string& name) { return api::parse_layout(name); });
     }},
    {"page_size", "--page-size",
     "Tokens in a page of the cache: powers of two from 1 to 1024; contiguous or 0: no pages",
     Takes::list, [](V v, K, C c) { c.page_sizes = ints(v, kPageSize); }},
    {"cache", "--cache", "cold (rotate over 4 x L2 of caches), hot", Takes::list,
     [](V v, K, C c) {
       c.caches = read_enums<Cache>(v, {"cold", "hot"}, parse_cache);
     }},
    {"scale", "--scale", "Softmax scale (default 1/sqrt(192))", Takes::number,
     [](V v, K, C c) { c.scale = static_cast<float>(read_number(v, 0, kMaxScale)); }},
    {"around_boundaries", "--around-boundaries",
     "Add the points next to each predicted boundary of the load", Takes::nothing,
     [](V v, K, C c) { c.around_boundaries = read_bool(v); }},
    {"policy.seed", "--seed", "Seed of the order and of the data", Takes::number,
     [](V v, K, C c) {
       c.policy.seed =
           static_cast<std::uint64_t>(read_int(v, {0, std::numeric_limits<std::int64_t>::max()}));
     }},
    {"policy.launches_per_sample", "--launches-per-sample", "Launches between two events",
     Takes::number, [](V v, K, C c) { c.policy.launches_per_sample = small(v, 1, 100000); }},
    {"policy.min_samples", "--min-samples", "Samples taken of every case at least", Takes::number,
     [](V v, K, C c) { c.policy.min_samples = small(v, 1, 1000000); }},
    {"policy.max_samples", "--max-samples", "Samples taken of a case at most", Takes::number,
     [](V v, K, C c) { c.policy.max_samples = small(v, 1, 1000000); }},
    {"policy.target_interval", "--target-interval",
     "Stop when half of the 95 % interval is below this share of the median", Takes::number,
     [](V v, K, C c) { c.policy.target_interval = read_number(v, 0, 1); }},
    {"policy.idle_ms", "--idle-ms",
     "Idle milliseconds before each sample (a cool, unthrottled GPU)", Takes::number,
     [](V v, K, C c) { c.policy.idle_ms = read_number(v, 0, 1e4); }},
    {"policy.timing", "--timing", "batch (events around launches) or graph (CUDA-graph replay)",
     Takes::text,
     [](V v, K, C c) {
       c.policy.timing = read_enums<Timing>(v, {"batch", "graph"}, parse_timing).front();
     }},
    {"policy.phases", "--phases", "Time the main phase without the combine too", Takes::nothing,
     [](V v, K, C c) { c.policy.phases = read_bool(v); }},
    {"policy.aa_fraction", "--aa-fraction", "Share of workloads where one kernel runs twice (A/A)",
     Takes::number, [](V v, K, C c) { c.policy.aa_fraction = read_number(v, 0, 1); }},
    {"policy.max_time_s", "--max-time", "Stop after this many seconds (0: no limit)", Takes::number,
     [](V v, K, C c) { c.policy.max_time_s = read_number(v, 0, 1e9); }},
};

}  // namespace

std::span<const Field> fields() { return kFields; }

std::vector<std::string> field_keys() {
  std::vector<std::string> keys;
  for (const Field& field : kFields) keys.push_back(field.key);
  return keys;
}

}  // namespace mlawave::config
