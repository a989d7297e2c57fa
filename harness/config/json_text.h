// JSON text from strangers: strict, bounded, with errors that say where.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace mlawave::config {

inline constexpr std::size_t kMaxConfigBytes = 4u << 20;
inline constexpr int kMaxJsonDepth = 32;

// Throws BadInput: "<source>:<line>:<column>: …" for malformed text (NaN and Infinity are not
// JSON), "<source>: <path>: …" for a key given twice or for too deep nesting.
nlohmann::json parse_json(std::string_view text, const std::string& source);

// A value as shown in a message: JSON on one line, cut when long.
std::string shown(const nlohmann::json& value);

// Reads a whole file. Throws BadInput when it cannot be read or is larger than kMaxConfigBytes.
std::string read_config_file(const std::string& path);

}  // namespace mlawave::config
