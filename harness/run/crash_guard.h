// A kernel that crashes or hangs the process still becomes a record: its last words are prepared
// before each of its steps, and the signal handler only has to write them.
#pragma once

#include <string>

#include "harness/record/record.h"

namespace mlawave::run {

// What the file gets if the process dies in a step of this case.
struct LastWords {
  explicit LastWords(const record::Record&);
  std::string id;
  std::string crash_head, crash_tail;  // a line, with the signal's two digits between
  std::string hung;                    // a line
};

inline constexpr int kHungAfterSeconds = 300;  // far above any step of a working kernel

// While it lives, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT and a step longer than kHungAfterSeconds
// end the process with exit code 1, after the record was written to `fd` and a message to stderr.
// Outside of a step signals do what they did before. One at a time.
class CrashGuard {
 public:
  // `next`: how the sweep goes on, the end of that message.
  CrashGuard(int fd, std::string next);
  ~CrashGuard();
  CrashGuard(const CrashGuard&) = delete;
  CrashGuard& operator=(const CrashGuard&) = delete;

  // One step of a case; `words` outlives it. Steps do not nest.
  class Step {
   public:
    explicit Step(const LastWords& words);
    ~Step();
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
  };
};

}  // namespace mlawave::run
