#include "harness/record/json_line.h"

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "harness/config/bad_input.h"
#include "harness/config/names.h"
#include "harness/record/sm_ids.h"
#include "harness/record/summary.h"

namespace mlawave::record {
namespace {

using config::BadInput;
using Json = nlohmann::json;
using Out = nlohmann::ordered_json;  // keys in the order they are written

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// ---- writing

template <class T>
Out or_null(const std::optional<T>& value) {
  return value ? Out(*value) : Out(nullptr);
}

Out out(const std::vector<Sample>& samples) {
  Out times = Out::array(), clocks = Out::array(), throttled = Out::array();
  for (std::size_t i = 0; i < samples.size(); ++i) {
    times.push_back(samples[i].time_us);
    clocks.push_back(samples[i].sm_clock_mhz);
    if (samples[i].throttled) throttled.push_back(i);
  }
  return {{"time_us", times}, {"sm_clock_mhz", clocks}, {"throttled", throttled}};
}

Out out(const Summary& s) {
  if (s.samples == 0) return nullptr;
  return {{"time_us", s.time_us},
          {"time_us_lo", s.time_us_lo},
          {"time_us_hi", s.time_us_hi},
          {"mad_us", s.mad_us},
          {"samples", s.samples}};
}

Out out(const api::PlanInfo& p) {
  if (p.slots == 0) return nullptr;
  return {{"rows_per_tile", p.rows_per_tile},
          {"n_tiles", p.n_tiles},
          {"sms", p.sms},
          {"ctas_per_sm", p.ctas_per_sm},
          {"ctas_per_tile", p.ctas_per_tile},
          {"slots", p.slots},
          {"units", p.units},
          {"max_load", p.max_load},
          {"partials", p.partials},
          {"workspace_bytes", p.workspace_bytes},
          {"shared_bytes_per_cta", p.shared_bytes_per_cta},
          {"registers_per_thread", p.registers_per_thread},
          {"threads_per_cta", p.threads_per_cta},
          {"planned_on_device", p.planned_on_device},
          {"evict_first", p.evict_first}};
}

Out out(const Partition& p) {
  if (p.sms == 0) return nullptr;
  return {{"sms_asked", p.sms_asked},
          {"sms", p.sms},
          {"mode", to_string(p.mode)},
          {"sm_ids", sm_ids_to_text(p.sm_ids)}};
}

Out out(const std::optional<Error>& e) {
  if (!e) return nullptr;
  return {{"relative_frobenius", e->relative_frobenius},
          {"max_abs", e->max_abs},
          {"lse_max_abs", e->lse_max_abs},
          {"tolerance", e->tolerance}};
}

Out out(const Sensors& s) {
  return {{"power_w", or_null(s.power_w)},
          {"temperature_c", or_null(s.temperature_c)},
          {"sm_clock_mhz", or_null(s.sm_clock_mhz)},
          {"mem_clock_mhz", or_null(s.mem_clock_mhz)},
          {"throttle_reasons", s.throttle_reasons}};
}

void write_case(const plan::Case& c, Out& j) {
  j["backend"] = api::to_string(c.backend);
  j["kernel"] = c.kernel;
  j["chosen_by"] = c.chosen_by;
  j["schedule"] = schedule::to_string(c.policy.kind);
  j["chunk"] = c.policy.chunk;
  j["splits"] = c.policy.kind == schedule::Kind::split_kv ? Out(c.policy.splits) : Out(nullptr);
  j["sms"] = c.sms;
  j["batch"] = c.batch;
  j["n_kv"] = c.n_kv;
  j["ragged"] = c.ragged.empty() ? Out(nullptr) : Out(c.ragged);
  j["heads"] = c.heads;
  j["s_q"] = c.s_q;
  j["dtype"] = api::to_string(c.dtype);
  j["layout"] = api::to_string(c.layout);
  j["page_size"] = c.page_size;
  j["cache"] = config::to_string(c.cache);
  j["scale"] = c.scale;
}

Out out(const DeviceInfo& d) {
  return {{"backend", api::to_string(d.backend)},
          {"name", d.name},
          {"uuid", d.uuid},
          {"compute_capability", d.compute_capability},
          {"sms", d.sms},
          {"l2_bytes", d.l2_bytes},
          {"memory_bytes", d.memory_bytes},
          {"shared_bytes_per_sm", d.shared_bytes_per_sm},
          {"driver", d.driver},
          {"cuda_driver", d.cuda_driver},
          {"cuda_runtime", d.cuda_runtime},
          {"max_sm_clock_mhz", or_null(d.max_sm_clock_mhz)},
          {"max_mem_clock_mhz", or_null(d.max_mem_clock_mhz)},
          {"power_limit_w", or_null(d.power_limit_w)},
          {"ecc", or_null(d.ecc)},
          {"ceilings",
           {{"read_gb_per_s", d.ceilings.read_gb_per_s},
            {"matrix_tflop_per_s", d.ceilings.matrix_tflop_per_s}}}};
}

Out out(const HostInfo& h) {
  return {{"name", h.name}, {"cpu", h.cpu}, {"logical_cpus", h.logical_cpus}, {"os", h.os}};
}

Out out(const BuildInfo& b) {
  return {{"version", b.version},       {"git_revision", b.git_revision},
          {"build_type", b.build_type}, {"compiler", b.compiler},
          {"flags", b.flags},           {"cuda_architectures", b.cuda_architectures}};
}

Out out(const PluginInfo& p) {
  return {{"path", p.path},
          {"name", p.name},
          {"version", p.version},
          {"sha256", p.sha256},
          {"abi_version", p.abi_version},
          {"kernels", p.kernels}};
}

// Text from a driver or a command line may hold anything; a line is always valid UTF-8 JSON.
std::string dump(const Out& j) { return j.dump(-1, ' ', false, Out::error_handler_t::replace); }

// ---- reading

const Json& at(const Json& j, const char* key) {
  const auto it = j.find(key);
  if (it == j.end()) throw BadInput(fmt::format("key \"{}\" is missing", key));
  return *it;
}

// nlohmann would turn 1e300 and 2^40 into some int.
template <class T>
T whole_number(const Json& value, const char* key) {
  if (value.is_number_integer())
    if (const auto n = value.get<std::int64_t>(); std::in_range<T>(n)) return static_cast<T>(n);
  throw BadInput(fmt::format("key \"{}\": got {}, expected a whole number", key, value.dump()));
}

// get<T>(), with the key in the message. null is the number that could not be written.
template <class T>
T get(const Json& j, const char* key) {
  const Json& value = at(j, key);
  if constexpr (std::is_floating_point_v<T>)
    if (value.is_null()) return kNan;
  if constexpr (std::is_same_v<T, int> || std::is_same_v<T, std::int64_t>)
    return whole_number<T>(value, key);
  try {
    return value.get<T>();
  } catch (const Json::exception& e) {
    throw BadInput(fmt::format("key \"{}\": {}", key, e.what()));
  }
}

template <class T>
void read(const Json& j, const char* key, T& into) {
  into = get<T>(j, key);
}

template <class T>
void read(const Json& j, const char* key, std::optional<T>& into) {
  if (!at(j, key).is_null()) into = get<T>(j, key);
}

// A name of an enumeration, through its room's parser.
template <class Enum>
void read_name(const Json& j, const char* key, std::optional<Enum> (*parse)(std::string_view),
               Enum& into) {
  const auto text = get<std::string>(j, key);
  const auto value = parse(text);
  if (!value) throw BadInput(fmt::format("key \"{}\": unknown name \"{}\"", key, text));
  into = *value;
}

std::optional<Status> parse_status(std::string_view text) {
  for (Status s : {Status::ok, Status::skipped, Status::wrong, Status::failed, Status::not_run})
    if (to_string(s) == text) return s;
  return std::nullopt;
}

std::optional<SmMode> parse_sm_mode(std::string_view text) {
  for (SmMode m : {SmMode::partition, SmMode::grid, SmMode::threads})
    if (to_string(m) == text) return m;
  return std::nullopt;
}

std::vector<Sample> read_samples(const Json& line, const char* key) {
  const Json& j = at(line, key);
  const auto clocks = get<std::vector<int>>(j, "sm_clock_mhz");
  std::vector<Sample> samples;
  samples.reserve(clocks.size());
  const Json& times = at(j, "time_us");
  if (!times.is_array() || times.size() != clocks.size())
    throw BadInput(fmt::format("key \"{}\": time_us and sm_clock_mhz differ in length", key));
  for (std::size_t i = 0; i < clocks.size(); ++i) {
    if (!times[i].is_number())
      throw BadInput(fmt::format("key \"{}\": time_us[{}] is no number", key, i));
    samples.push_back({times[i].get<double>(), clocks[i], false});
  }
  for (std::size_t i : get<std::vector<std::size_t>>(j, "throttled")) {
    if (i >= samples.size())
      throw BadInput(fmt::format("key \"{}\": throttled sample {} of {}", key, i, samples.size()));
    samples[i].throttled = true;
  }
  return samples;
}

void read_plan(const Json& line, api::PlanInfo& p) {
  const Json& j = at(line, "plan");
  if (j.is_null()) return;
  read(j, "rows_per_tile", p.rows_per_tile);
  read(j, "n_tiles", p.n_tiles);
  read(j, "sms", p.sms);
  read(j, "ctas_per_sm", p.ctas_per_sm);
  // Runs from before clusters lack it.
  if (j.contains("ctas_per_tile")) read(j, "ctas_per_tile", p.ctas_per_tile);
  read(j, "slots", p.slots);
  read(j, "units", p.units);
  read(j, "max_load", p.max_load);
  read(j, "partials", p.partials);
  read(j, "workspace_bytes", p.workspace_bytes);
  read(j, "shared_bytes_per_cta", p.shared_bytes_per_cta);
  read(j, "registers_per_thread", p.registers_per_thread);
  read(j, "threads_per_cta", p.threads_per_cta);
  // Runs from before balanced lack it.
  if (j.contains("planned_on_device")) read(j, "planned_on_device", p.planned_on_device);
  // Runs from before that policy was used lack it.
  if (j.contains("evict_first")) read(j, "evict_first", p.evict_first);
}

void read_partition(const Json& line, Partition& p) {
  const Json& j = at(line, "partition");
  if (j.is_null()) return;
  read(j, "sms_asked", p.sms_asked);
  read(j, "sms", p.sms);
  read_name(j, "mode", parse_sm_mode, p.mode);
  p.sm_ids = sm_ids_from_text(get<std::string>(j, "sm_ids"));
}

void read_error(const Json& line, std::optional<Error>& error) {
  const Json& j = at(line, "error");
  if (j.is_null()) return;
  Error& e = error.emplace();
  read(j, "relative_frobenius", e.relative_frobenius);
  read(j, "max_abs", e.max_abs);
  read(j, "lse_max_abs", e.lse_max_abs);
  read(j, "tolerance", e.tolerance);
}

void read_sensors(const Json& line, Sensors& s) {
  const Json& j = at(line, "sensors");
  read(j, "power_w", s.power_w);
  read(j, "temperature_c", s.temperature_c);
  read(j, "sm_clock_mhz", s.sm_clock_mhz);
  read(j, "mem_clock_mhz", s.mem_clock_mhz);
  read(j, "throttle_reasons", s.throttle_reasons);
}

void read_case(const Json& j, plan::Case& c) {
  read_name(j, "backend", api::parse_backend, c.backend);
  read(j, "kernel", c.kernel);
  // Runs from before kernels could be chosen lack it.
  if (j.contains("chosen_by")) read(j, "chosen_by", c.chosen_by);
  read_name(j, "schedule", schedule::parse_kind, c.policy.kind);
  read(j, "chunk", c.policy.chunk);
  if (!at(j, "splits").is_null()) read(j, "splits", c.policy.splits);
  read(j, "sms", c.sms);
  read(j, "batch", c.batch);
  read(j, "n_kv", c.n_kv);
  if (!at(j, "ragged").is_null()) read(j, "ragged", c.ragged);
  read(j, "heads", c.heads);
  read(j, "s_q", c.s_q);
  read_name(j, "dtype", api::parse_dtype, c.dtype);
  read_name(j, "layout", api::parse_layout, c.layout);
  // Runs from before there were pages lack it.
  if (j.contains("page_size")) read(j, "page_size", c.page_size);
  read_name(j, "cache", config::parse_cache, c.cache);
  read(j, "scale", c.scale);
}

Record read_record(const Json& j) {
  Record r;
  read_case(j, r.what);
  read(j, "id", r.id);
  read_name(j, "status", parse_status, r.status);
  read(j, "reason", r.reason);
  read_plan(j, r.plan);
  read_partition(j, r.partition);
  read_error(j, r.error);
  r.samples = read_samples(j, "samples");
  r.main_samples = read_samples(j, "main_samples");
  // Runs from before balanced lack it.
  if (j.contains("schedule_samples")) r.schedule_samples = read_samples(j, "schedule_samples");
  read(j, "stopped_by", r.stopped_by);
  read(j, "timing", r.timing);
  read(j, "launches_per_sample", r.launches_per_sample);
  read(j, "cache_copies", r.cache_copies);
  read_sensors(j, r.sensors);
  read(j, "command", r.command);
  r.summary = summarize(r.samples);
  return r;
}

DeviceInfo read_device(const Json& j) {
  DeviceInfo d;
  read_name(j, "backend", api::parse_backend, d.backend);
  read(j, "name", d.name);
  read(j, "uuid", d.uuid);
  read(j, "compute_capability", d.compute_capability);
  read(j, "sms", d.sms);
  read(j, "l2_bytes", d.l2_bytes);
  read(j, "memory_bytes", d.memory_bytes);
  read(j, "shared_bytes_per_sm", d.shared_bytes_per_sm);
  read(j, "driver", d.driver);
  read(j, "cuda_driver", d.cuda_driver);
  read(j, "cuda_runtime", d.cuda_runtime);
  read(j, "max_sm_clock_mhz", d.max_sm_clock_mhz);
  read(j, "max_mem_clock_mhz", d.max_mem_clock_mhz);
  read(j, "power_limit_w", d.power_limit_w);
  read(j, "ecc", d.ecc);
  read(at(j, "ceilings"), "read_gb_per_s", d.ceilings.read_gb_per_s);
  read(at(j, "ceilings"), "matrix_tflop_per_s", d.ceilings.matrix_tflop_per_s);
  return d;
}

PluginInfo read_plugin(const Json& j) {
  PluginInfo p;
  read(j, "path", p.path);
  read(j, "name", p.name);
  read(j, "version", p.version);
  read(j, "sha256", p.sha256);
  read(j, "abi_version", p.abi_version);
  read(j, "kernels", p.kernels);
  return p;
}

RunInfo read_run_info(const Json& j) {
  RunInfo r;
  read(j, "schema_version", r.schema_version);
  if (r.schema_version != kSchemaVersion)
    throw BadInput(fmt::format("schema_version is {}, this program reads {}", r.schema_version,
                               kSchemaVersion));
  read(j, "start_time_utc", r.start_time_utc);
  read(j, "command_line", r.command_line);
  r.config_json = at(j, "config").dump();
  read(j, "config_hash", r.config_hash);
  const Json& host = at(j, "host");
  read(host, "name", r.host.name);
  read(host, "cpu", r.host.cpu);
  read(host, "logical_cpus", r.host.logical_cpus);
  read(host, "os", r.host.os);
  const Json& build = at(j, "build");
  read(build, "version", r.build.version);
  read(build, "git_revision", r.build.git_revision);
  read(build, "build_type", r.build.build_type);
  read(build, "compiler", r.build.compiler);
  read(build, "flags", r.build.flags);
  read(build, "cuda_architectures", r.build.cuda_architectures);
  for (const Json& device : at(j, "devices")) r.devices.push_back(read_device(device));
  // Runs from before plugins lack it.
  if (j.contains("plugins"))
    for (const Json& plugin : at(j, "plugins")) r.plugins.push_back(read_plugin(plugin));
  return r;
}

AaCheck read_aa(const Json& j) {
  AaCheck a;
  read(j, "id", a.id);
  a.first = read_samples(j, "first");
  a.second = read_samples(j, "second");
  summarize(a);
  return a;
}

Resumption read_resumption(const Json& j) {
  Resumption r;
  read(j, "start_time_utc", r.start_time_utc);
  read(j, "command_line", r.command_line);
  read(j, "git_revision", r.git_revision);
  return r;
}

Line read_kind(const Json& j) {
  const auto kind = get<std::string>(j, "kind");
  if (kind == "run") return read_run_info(j);
  if (kind == "case") return read_record(j);
  if (kind == "aa") return read_aa(j);
  if (kind == "resume") return read_resumption(j);
  throw BadInput(fmt::format("key \"kind\": unknown name \"{}\"", kind));
}

}  // namespace

std::string_view to_string(Status s) {
  switch (s) {
    case Status::ok:
      return "ok";
    case Status::skipped:
      return "skipped";
    case Status::wrong:
      return "wrong";
    case Status::failed:
      return "failed";
    case Status::not_run:
      return "not_run";
  }
  return "?";
}

std::string_view to_string(SmMode m) {
  switch (m) {
    case SmMode::partition:
      return "partition";
    case SmMode::grid:
      return "grid";
    case SmMode::threads:
      return "threads";
  }
  return "?";
}

std::string to_line(const RunInfo& r) {
  Out j;
  j["kind"] = "run";
  j["schema_version"] = r.schema_version;
  j["start_time_utc"] = r.start_time_utc;
  j["command_line"] = r.command_line;
  j["config_hash"] = r.config_hash;
  j["config"] = Out::parse(r.config_json);
  j["host"] = out(r.host);
  j["build"] = out(r.build);
  j["devices"] = Out::array();
  for (const DeviceInfo& d : r.devices) j["devices"].push_back(out(d));
  j["plugins"] = Out::array();
  for (const PluginInfo& p : r.plugins) j["plugins"].push_back(out(p));
  return dump(j);
}

std::string to_line(const Record& r) {
  Out j;
  j["kind"] = "case";
  j["id"] = r.id;
  j["status"] = to_string(r.status);
  j["reason"] = r.reason;
  write_case(r.what, j);
  j["summary"] = out(summarize(r.samples));
  j["samples"] = out(r.samples);
  j["main_samples"] = out(r.main_samples);
  j["schedule_samples"] = out(r.schedule_samples);
  j["stopped_by"] = r.stopped_by;
  j["timing"] = r.timing;
  j["launches_per_sample"] = r.launches_per_sample;
  j["cache_copies"] = r.cache_copies;
  j["plan"] = out(r.plan);
  j["partition"] = out(r.partition);
  j["error"] = out(r.error);
  j["sensors"] = out(r.sensors);
  j["command"] = r.command;
  return dump(j);
}

std::string to_line(const AaCheck& a) {
  AaCheck computed = a;
  summarize(computed);
  Out j;
  j["kind"] = "aa";
  j["id"] = a.id;
  j["ratio"] = computed.ratio;
  j["ratio_lo"] = computed.ratio_lo;
  j["ratio_hi"] = computed.ratio_hi;
  j["first"] = out(a.first);
  j["second"] = out(a.second);
  return dump(j);
}

std::string to_line(const Resumption& r) {
  return dump({{"kind", "resume"},
               {"start_time_utc", r.start_time_utc},
               {"command_line", r.command_line},
               {"git_revision", r.git_revision}});
}

Line from_line(std::string_view text) {
  try {
    const Json j = Json::parse(text);
    if (!j.is_object()) throw BadInput("not a JSON object");
    return read_kind(j);
  } catch (const Json::exception& e) {
    throw BadInput(e.what());
  }
}

}  // namespace mlawave::record
