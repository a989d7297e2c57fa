// Ctrl-C: the first asks the sweep to end after the current record, the second ends the process.
#pragma once

#include <atomic>

namespace mlawave::cli {

// Handles SIGINT and SIGTERM until the end of its life.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  // What the sweep polls.
  static const std::atomic<bool>& requested();
};

}  // namespace mlawave::cli
