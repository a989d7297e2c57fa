// The flags of a sweep: the config room's table of fields, as options of CLI11.
#pragma once

#include <CLI/CLI.hpp>
#include <deque>
#include <string>
#include <vector>

#include "harness/config/read.h"

namespace mlawave::cli {

class SweepFlags {
 public:
  void add_to(CLI::App& command);
  config::Flags given() const;  // after the parse: the flags that were there, and their texts

 private:
  struct Flag {
    std::string name;
    CLI::Option* option = nullptr;
    std::vector<std::string> texts;
  };
  std::deque<Flag> flags_;  // a deque: CLI11 keeps references to the texts
};

}  // namespace mlawave::cli
