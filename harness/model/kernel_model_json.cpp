// The file of fitted kernels: {"schema_version": 1, "kernels": [...]}.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "harness/config/bad_input.h"
#include "harness/model/kernel_model.h"

namespace mlawave::model {
namespace {

using Json = nlohmann::ordered_json;
constexpr int kSchemaVersion = 1;

Json to_json(const KernelModel& m) {
  return {{"kernel", m.kernel},
          {"gpu", m.gpu},
          {"gpu_boost_mhz", m.gpu_boost_mhz},
          {"gpu_bandwidth_gb_per_s", m.gpu_bandwidth_gb_per_s},
          {"rows_per_tile", m.rows_per_tile},
          {"ctas_per_sm", m.ctas_per_sm},
          {"ctas_per_tile", m.ctas_per_tile},
          {"shared_bytes_per_cta", m.shared_bytes_per_cta},
          {"core", to_string(m.core)},
          {"launch_us", m.launch_us},
          {"unit_fixed_us", m.unit_fixed_us},
          {"unit_token_us", m.unit_token_us},
          {"bandwidth_gb_per_s", m.bandwidth_gb_per_s},
          {"combine_us", m.combine_us},
          {"part_us", m.part_us},
          {"chain_us", m.chain_us},
          {"typical_error", m.typical_error},
          {"error_95", m.error_95},
          {"other_gpu_error", m.other_gpu_error},
          {"other_gpu_source", m.other_gpu_source},
          {"rows", m.rows},
          {"fitted_from", m.fitted_from}};
}

// One entry being read; errors name the file and the key.
class Entry {
 public:
  Entry(const nlohmann::json& json, std::string where) : json_(json), where_(std::move(where)) {}

  double number(const char* key, double least) const {
    const auto& v = at(key);
    if (!v.is_number() || !(v.get<double>() >= least))
      fail(key, v.dump(), fmt::format("a number of at least {}", least));
    return v.get<double>();
  }
  std::string text(const char* key) const {
    const auto& v = at(key);
    if (!v.is_string()) fail(key, v.dump(), "a text");
    return v.get<std::string>();
  }
  [[noreturn]] void fail(const char* key, const std::string& value,
                         const std::string& expected) const {
    throw config::BadInput(fmt::format("{}.{}: {}, expected {}", where_, key, value, expected));
  }

 private:
  const nlohmann::json& at(const char* key) const {
    if (!json_.is_object() || !json_.contains(key)) fail(key, "missing", "a value");
    return json_.at(key);
  }
  const nlohmann::json& json_;
  std::string where_;
};

KernelModel from_json(const Entry& e) {
  KernelModel m;
  m.kernel = e.text("kernel");
  m.gpu = e.text("gpu");
  m.gpu_boost_mhz = e.number("gpu_boost_mhz", 0);
  m.gpu_bandwidth_gb_per_s = e.number("gpu_bandwidth_gb_per_s", 0);
  m.rows_per_tile = static_cast<int>(e.number("rows_per_tile", 1));
  m.ctas_per_sm = static_cast<int>(e.number("ctas_per_sm", 1));
  m.ctas_per_tile = static_cast<int>(e.number("ctas_per_tile", 1));
  m.shared_bytes_per_cta = static_cast<std::int64_t>(e.number("shared_bytes_per_cta", 0));
  const std::string core = e.text("core");
  if (core != "rounds" && core != "overlap") e.fail("core", core, "\"rounds\" or \"overlap\"");
  m.core = core == "rounds" ? Core::rounds : Core::overlap;
  m.launch_us = e.number("launch_us", 0);
  m.unit_fixed_us = e.number("unit_fixed_us", 0);
  m.unit_token_us = e.number("unit_token_us", 0);
  m.bandwidth_gb_per_s = e.number("bandwidth_gb_per_s", 1e-3);
  m.combine_us = e.number("combine_us", 0);
  m.part_us = e.number("part_us", 0);
  m.chain_us = e.number("chain_us", 0);
  m.typical_error = e.number("typical_error", 0);
  m.error_95 = e.number("error_95", 0);
  m.other_gpu_error = e.number("other_gpu_error", 0);
  m.other_gpu_source = e.text("other_gpu_source");
  m.rows = static_cast<int>(e.number("rows", 0));
  m.fitted_from = e.text("fitted_from");
  return m;
}

}  // namespace

std::string to_json(const std::vector<KernelModel>& models) {
  Json kernels = Json::array();
  for (const KernelModel& m : models) kernels.push_back(to_json(m));
  return Json{{"schema_version", kSchemaVersion}, {"kernels", kernels}}.dump(2) + "\n";
}

std::vector<KernelModel> models_from_json(const std::string& text, const std::string& source) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("kernels") || !json["kernels"].is_array() ||
      json["kernels"].empty())
    throw config::BadInput(
        fmt::format("{}: expected fitted kernels: an object with \"kernels\", a "
                    "list (mlawave predict --save-fit writes one)",
                    source));
  if (json.value("schema_version", 0) != kSchemaVersion)
    throw config::BadInput(fmt::format("{}: schema_version {}, expected {}", source,
                                       json.value("schema_version", 0), kSchemaVersion));
  std::vector<KernelModel> out;
  for (std::size_t i = 0; i < json["kernels"].size(); ++i)
    out.push_back(from_json(Entry(json["kernels"][i], fmt::format("{}: kernels[{}]", source, i))));
  return out;
}

}  // namespace mlawave::model
