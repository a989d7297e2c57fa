#include "harness/config/read.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "harness/config/json_text.h"

namespace mlawave::config {
namespace {

using Json = nlohmann::json;
using Given = std::map<std::string, Value>;  // by key; the last one to name a key wins

constexpr std::string_view kPolicy = "policy";

const Field* find_field(std::string_view key) {
  for (const Field& field : fields())
    if (field.key == key) return &field;
  return nullptr;
}

[[noreturn]] void unknown_key(const std::string& key, const std::string& source) {
  auto known = field_keys();
  known.emplace_back(kPolicy);
  throw BadInput(fmt::format("{}: unknown key {}{}; expected {}", source, shown(key),
                             did_you_mean(key, known), one_of(known)));
}

void collect(const Json& object, const std::string& source, const std::string& prefix,
             Given& given) {
  for (const auto& [name, json] : object.items()) {
    const std::string key = prefix + name;
    const std::string place = fmt::format("{}: {}", source, key);
    if (prefix.empty() && name == kPolicy) {
      if (!json.is_object()) Value{json, place}.fail("an object");
      collect(json, source, key + ".", given);
    } else if (name.find('.') == std::string::npos && find_field(key)) {
      given[key] = {json, place};
    } else {
      unknown_key(key, source);
    }
  }
}

Given from_json(const Text& text) {
  if (text.text.empty() && text.source.empty()) return {};
  const Json root = parse_json(text.text, text.source);
  if (!root.is_object()) Value{root, text.source}.fail("an object with keys");
  Given given;
  collect(root, text.source, "", given);
  return given;
}

Json flag_json(const Field& field, const std::vector<std::string>& texts) {
  switch (field.takes) {
    case Takes::nothing:
      return true;
    case Takes::each:
      return texts;
    case Takes::list:
      return fmt::format("{}", fmt::join(texts, ","));
    case Takes::text:
      return texts.back();
    case Takes::number:
      break;
  }
  const Json number = Json::parse(texts.back(), nullptr, false);
  return number.is_number() ? number : Json(texts.back());
}

Given from_flags(const Flags& flags) {
  Given given;
  for (const auto& [flag, texts] : flags)
    for (const Field& field : fields())
      if (field.flag == flag) given[field.key] = {flag_json(field, texts), flag};
  return given;
}

// `model` and `heads` set the same thing, as do a flag and the file's key.
void only_one_head_count(const Given& given) {
  const auto model = given.find("model");
  if (model != given.end() && given.count("heads"))
    model->second.fail("either model or heads, not both");
}

Given merged(const Given& file, const Given& flags) {
  only_one_head_count(file);
  only_one_head_count(flags);
  Given given = file;
  if (flags.count("model") || flags.count("heads")) {
    given.erase("model");
    given.erase("heads");
  }
  // A problem size given by flag replaces the file's, whichever way the file gave it.
  if (flags.count("n_kv") || flags.count("ragged")) {
    given.erase("n_kv");
    given.erase("ragged");
  }
  for (const auto& [key, value] : flags) given[key] = value;
  return given;
}

double cases(const SweepConfig& c) {
  const auto n = [](const auto& axis) { return static_cast<double>(axis.size()); };
  const double problems = n(c.n_kv) * n(c.batches) + n(c.ragged);
  const double variants = n(c.kernels) * n(c.schedules) * n(c.chunks) * n(c.splits);
  return problems * variants * std::max(1.0, n(c.backends)) * n(c.sms) * n(c.heads) * n(c.s_q) *
         n(c.dtypes) * n(c.layouts) * n(c.page_sizes) * n(c.caches);
}

std::string place_of(const Given& given, const std::string& key, const std::string& otherwise) {
  const auto it = given.find(key);
  return it == given.end() ? otherwise : it->second.place;
}

void check_whole(const SweepConfig& c, const Given& given, const std::string& source) {
  if (c.n_kv.empty() && c.ragged.empty())
    throw BadInput(fmt::format(
        "{}: n_kv: not given, expected tokens in the cache, e.g. 256:66560:256 (or ragged)",
        source));
  if (c.policy.min_samples > c.policy.max_samples)
    throw BadInput(fmt::format("{}: got {}, expected at most max_samples = {}",
                               place_of(given, "policy.min_samples", "policy.min_samples"),
                               c.policy.min_samples, c.policy.max_samples));
  if (cases(c) > kMaxCases)
    throw BadInput(fmt::format("{}: the axes make {:.3g} cases, expected at most {:.3g}", source,
                               cases(c), kMaxCases));
}

}  // namespace

SweepConfig read_config(const Text& json, const Flags& flags, const KnownNames& known) {
  const Given given = merged(from_json(json), from_flags(flags));
  SweepConfig config;
  config.backends.clear();
  for (const Field& field : fields())
    if (const auto it = given.find(field.key); it != given.end())
      field.read(it->second, known, config);
  check_whole(config, given, json.source.empty() ? "command line" : json.source);
  return config;
}

SweepConfig parse(std::string_view json, const std::string& source, const KnownNames& known) {
  return read_config({std::string(json), source}, {}, known);
}

}  // namespace mlawave::config
