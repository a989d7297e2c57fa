#include "harness/analysis/imported_run.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/config/bad_input.h"
#include "harness/record/summary.h"

namespace mlawave::analysis {
namespace {

using ConfigJson = nlohmann::json;

constexpr int kNominalChunk = 256;  // a record must have one; what is known is in the config

// FNV-1a: the same on every machine.
std::string hash_of(const std::string& text) {
  std::uint64_t h = 0xcbf29ce484222325u;
  for (unsigned char c : text) h = (h ^ c) * 0x100000001b3u;
  return fmt::format("{:016x}", h);
}

ConfigJson number_or_null(const std::optional<int>& v) {
  return v ? ConfigJson(*v) : ConfigJson(nullptr);
}

std::optional<int> maybe(const ConfigJson& j, const char* key) {
  if (!j.contains(key) || !j[key].is_number_integer()) return std::nullopt;
  return j[key].get<int>();
}

ConfigJson to_json(const Series& s) {
  ConfigJson bad = ConfigJson::array();
  for (const BadRow& b : s.bad_rows)
    bad.push_back({{"line", b.line}, {"n_kv", b.n_kv}, {"reason", b.reason}});
  return {{"name", s.name},
          {"source", s.source},
          {"backend", s.backend},
          {"kernel", s.kernel},
          {"schedule", s.schedule},
          {"gpu", s.gpu},
          {"appending", s.rule == RowRule::appending},
          {"either_rule", s.either_rule},
          {"tokens", s.tokens},
          {"skip_rows", s.skip_rows},
          {"batch", s.batch},
          {"sms", number_or_null(s.known.sms)},
          {"ctas_per_sm", number_or_null(s.known.ctas_per_sm)},
          {"n_tiles", number_or_null(s.known.n_tiles)},
          {"chunk", number_or_null(s.known.chunk)},
          {"bad_rows", bad},
          {"notes", s.notes}};
}

void put_back(const ConfigJson& j, Series& s) {
  s.source = j.value("source", s.source);
  s.backend = j.value("backend", std::string());
  s.kernel = j.value("kernel", std::string());
  s.schedule = j.value("schedule", std::string());
  s.gpu = j.value("gpu", std::string());
  s.name = j.value("name", s.name);
  s.rule = j.value("appending", false) ? RowRule::appending : RowRule::exact;
  s.either_rule = j.value("either_rule", false);
  s.tokens = std::max(1, j.value("tokens", 1));
  s.skip_rows = std::max(0, j.value("skip_rows", 0));
  s.batch = std::max(1, j.value("batch", 1));
  s.known = {maybe(j, "sms"), maybe(j, "ctas_per_sm"), maybe(j, "n_tiles"), maybe(j, "chunk"), 1};
  s.notes = j.value("notes", std::vector<std::string>());
  s.l2_bytes = s.bytes_per_token = s.read_gb_per_s = 0;
  s.heads = 0;
  s.family.clear();
  for (const ConfigJson& b : j.value("bad_rows", ConfigJson::array()))
    s.bad_rows.push_back({b.value("line", std::int64_t{0}), b.value("n_kv", std::int64_t{0}),
                          b.value("reason", std::string())});
}

}  // namespace

void name_apart(std::vector<Series>& all) {
  std::set<std::string> taken;
  for (Series& s : all) {
    const std::string name = s.name;
    for (int i = 2; !taken.insert(s.name).second; ++i) s.name = fmt::format("{} ({})", name, i);
  }
}

void describe_import(const std::vector<Series>& all, record::RunInfo& info) {
  ConfigJson list = ConfigJson::array();
  for (const Series& s : all) list.push_back(to_json(s));
  info.config_json =
      ConfigJson{{"imported", list}}.dump(-1, ' ', false, ConfigJson::error_handler_t::replace);
  info.config_hash = hash_of(info.config_json);
}

std::vector<record::Record> records_of(const Series& s, const std::string& command) {
  std::vector<record::Record> out;
  for (const Point& p : s.points) {
    record::Record r;
    r.what.backend = s.backend == "cpu" ? api::Backend::cpu : api::Backend::cuda;
    r.what.kernel = s.name;
    r.what.policy.chunk = kNominalChunk;
    r.what.batch = s.batch;
    r.what.n_kv = p.n_kv;
    r.what.sms = s.known.sms.value_or(0);
    r.id = r.what.id();
    r.status = record::Status::ok;
    if (p.lo_us > 0 && p.lo_us < p.time_us && p.hi_us > p.time_us) r.samples.push_back({p.lo_us});
    r.samples.push_back({p.time_us});
    if (r.samples.size() == 2) r.samples.push_back({p.hi_us});
    r.summary = record::summarize(r.samples);
    r.command = command;
    out.push_back(std::move(r));
  }
  return out;
}

void restore_import(const record::RunInfo& info, std::vector<Series>& all) {
  const ConfigJson config = ConfigJson::parse(info.config_json, nullptr, false);
  if (!config.is_object() || !config.contains("imported") || !config["imported"].is_array()) return;
  for (const ConfigJson& j : config["imported"]) {
    if (!j.is_object() || !j.contains("name") || !j["name"].is_string()) continue;
    for (Series& s : all)
      if (s.kernel == j["name"].get<std::string>()) {
        try {
          put_back(j, s);
        } catch (const ConfigJson::exception& e) {
          throw config::BadInput(fmt::format("{}: the imported table's description is damaged: {}",
                                             s.source, e.what()));
        }
        break;
      }
  }
}

}  // namespace mlawave::analysis
