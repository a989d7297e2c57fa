// A sweep of plugins runs in a process of its own, the worker: what a plugin does to it, its
// supervisor survives. The worker does the whole sweep, so a plugin's kernel and ours are loaded,
// verified and sampled side by side; when it dies, the case in hand gets its record and a new
// worker goes on with the rest (see kernels/plugin/README.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mlawave::run {

struct Board;

struct LostCase {
  std::string id;      // the last case of the worker before; it may have its record already
  std::string reason;  // "its process was killed by signal 9 (Killed)"
};

// The worker's side. Everything told is kept by the supervisor if this process dies.
class Worker {
 public:
  explicit Worker(Board& board) : board_(board) {}
  // Null in a process that is none. The first call takes the mark out of the environment, so that
  // no child of this process takes itself for one.
  static Worker* self();

  void stage(std::string_view text);     // "loading ./libfoo.so": what is done outside of cases
  void enter(std::string_view case_id);  // a step of this case comes next
  void leave_the_rest();                 // cases are left that need a new process
  void end(int exit_code);               // nothing that follows can be the plugin's fault

  bool is_first() const;  // false: goes on where another worker died
  std::optional<LostCase> lost() const;
  double elapsed_s() const;  // since the sweep's first worker started

 private:
  Board& board_;
};

// Runs this program again with the same arguments as a worker, and again as long as a worker dies
// in a case that none before it died in. Returns the exit code: the last worker's, 2 when one died
// before its first case, 128 + signal when this process was told to stop. Messages go to stderr.
// Call it before CUDA is used: the child would inherit it broken.
int supervise(char** argv);

}  // namespace mlawave::run
