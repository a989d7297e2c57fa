#include "harness/config/canonical.h"

#include <fmt/format.h>

#include <cstdint>
#include <nlohmann/json.hpp>

#include "harness/config/axis_text.h"
#include "harness/config/names.h"

namespace mlawave::config {
namespace {

using Json = nlohmann::json;

template <class Int>
Json axis(const std::vector<Int>& values) {
  Json list = Json::array();
  for (const std::string& item : compress_axis({values.begin(), values.end()})) {
    if (item.find(':') == std::string::npos)
      list.push_back(std::stoll(item));
    else
      list.push_back(item);
  }
  return list;
}

template <class Enum>
Json names(const std::vector<Enum>& values) {
  Json list = Json::array();
  for (Enum v : values) list.push_back(to_string(v));
  return list;
}

Json policy_json(const Policy& p) {
  return {{"seed", p.seed},
          {"launches_per_sample", p.launches_per_sample},
          {"min_samples", p.min_samples},
          {"max_samples", p.max_samples},
          {"target_interval", p.target_interval},
          {"idle_ms", p.idle_ms},
          {"timing", to_string(p.timing)},
          {"phases", p.phases},
          {"aa_fraction", p.aa_fraction},
          {"max_time_s", p.max_time_s}};
}

}  // namespace

nlohmann::json to_json(const SweepConfig& c) {
  Json json = {{"name", c.name},
               {"description", c.description},
               {"kernel", c.kernels},
               {"schedule", names(c.schedules)},
               {"sms", axis(c.sms)},
               {"chunk", axis(c.chunks)},
               {"splits", axis(c.splits)},
               {"heads", axis(c.heads)},
               {"s_q", axis(c.s_q)},
               {"batch", axis(c.batches)},
               {"dtype", names(c.dtypes)},
               {"layout", names(c.layouts)},
               {"page_size", axis(c.page_sizes)},
               {"cache", names(c.caches)},
               {"around_boundaries", c.around_boundaries},
               {"scale", c.scale},
               {"policy", policy_json(c.policy)}};
  // The reader takes no empty lists.
  if (!c.backends.empty()) json["backend"] = names(c.backends);
  if (!c.n_kv.empty()) json["n_kv"] = axis(c.n_kv);
  for (const auto& lengths : c.ragged) json["ragged"].push_back(axis(lengths));
  return json;
}

std::string config_hash(const SweepConfig& config) {
  Json json = to_json(config);
  json.erase("name");
  json.erase("description");
  json["policy"].erase("max_time_s");
  // Runs from before there were pages, or idle times, keep their hash.
  if (config.page_sizes == SweepConfig{}.page_sizes) json.erase("page_size");
  if (config.policy.idle_ms == 0) json["policy"].erase("idle_ms");
  std::uint64_t h = 0xcbf29ce484222325u;  // FNV-1a
  for (unsigned char byte : json.dump(-1, ' ', true, Json::error_handler_t::replace))
    h = (h ^ byte) * 0x100000001b3u;
  return fmt::format("{:016x}", h);
}

}  // namespace mlawave::config
