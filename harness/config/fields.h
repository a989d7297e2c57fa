// Every key a config may have, with its flag: one table for JSON files and the command line.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "harness/config/sweep_config.h"
#include "harness/config/value.h"

namespace mlawave::config {

// Names that are decided outside of the config room.
struct KnownNames {
  std::vector<std::string> kernels;
  std::string note;  // why one may be missing, e.g. "this build has no CUDA kernels"
};

enum class Takes {
  list,     // texts of axis_text.h; a flag given again adds to it
  text,     // one text, the last one given
  number,   // one number, the last one given
  nothing,  // the flag alone means true
  each,     // a list per use
};

struct Field {
  std::string key;   // "policy.seed" lies in the object "policy"
  std::string flag;  // empty: no flag
  std::string help;
  Takes takes;
  void (*read)(const Value&, const KnownNames&, SweepConfig&);
};

std::span<const Field> fields();  // in the order they are read
std::vector<std::string> field_keys();

}  // namespace mlawave::config
