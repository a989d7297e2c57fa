// What the user gave cannot be used: a flag, a config file, a run directory. Exit code 2.
#pragma once

#include <stdexcept>

namespace mlawave::config {

// The message names the file, key or flag, the value, and what was expected.
struct BadInput : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace mlawave::config
