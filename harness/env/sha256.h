// SHA-256 (FIPS 180-4) of a file, to say in a record which file it was.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mlawave::env {

std::string sha256(std::string_view bytes);  // 64 hex digits, as `sha256sum` prints

// Throws std::runtime_error when the file cannot be read.
std::string sha256_of_file(const std::string& path);

}  // namespace mlawave::env
