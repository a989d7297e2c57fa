// Any bytes as a config: read or refused with BadInput; what is read survives a round trip.
//   cmake --preset fuzz && cmake --build --preset fuzz --target config_fuzz
//   build/fuzz/harness/config/config_fuzz -max_total_time=600 NEW_INPUTS harness/config/corpus
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "harness/config/canonical.h"
#include "harness/config/read.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mlawave::config;
  static const KnownNames known{{"baseline", "tile_reuse"}, ""};
  try {
    const SweepConfig config =
        parse({reinterpret_cast<const char*>(data), size}, "fuzz.json", known);
    const nlohmann::json json = to_json(config);
    const SweepConfig again =
        parse(json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace), "again", known);
    if (to_json(again) != json || config_hash(again) != config_hash(config)) std::abort();
  } catch (const BadInput&) {
  }
  return 0;
}
