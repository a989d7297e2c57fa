#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

#include "harness/run/board.h"
#include "harness/run/worker.h"

namespace mlawave::run {
namespace {

constexpr int kBadInput = 2;  // a plugin that dies before its first case is a bad argument
constexpr int kFailure = 1;

[[noreturn]] void fail(const char* call) {
  throw std::runtime_error(fmt::format("{}: {}", call, std::strerror(errno)));
}

std::atomic<pid_t> child{0};
std::atomic<int> stop_signal{0};

// A terminal sends its signals to the worker too; others are passed on.
void on_stop(int number, siginfo_t* info, void*) {
  stop_signal = number;
  const pid_t pid = child;
  if (info->si_code != SI_KERNEL && pid > 0) ::kill(pid, number);
}

class StopSignals {
 public:
  StopSignals() {
    struct sigaction action {};
    action.sa_sigaction = on_stop;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    for (int number : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(number, &action, nullptr);
  }
  ~StopSignals() {
    for (int number : {SIGINT, SIGTERM, SIGHUP}) ::signal(number, SIG_DFL);
  }
};

class SharedBoard {
 public:
  SharedBoard() : fd_(::memfd_create("mlawave-board", 0)) {
    if (fd_ < 0 || ::ftruncate(fd_, sizeof(Board)) != 0) fail("memfd_create");
    void* at = ::mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
    if (at == MAP_FAILED) fail("mmap");
    board_ = static_cast<Board*>(at);
    ::setenv(kBoardVariable, std::to_string(fd_).c_str(), 1);
  }
  ~SharedBoard() {
    ::unsetenv(kBoardVariable);
    ::munmap(board_, sizeof(Board));
    ::close(fd_);
  }
  Board* operator->() const { return board_; }

 private:
  int fd_;
  Board* board_ = nullptr;
};

// Waits for one worker to end; its wait status.
int run_worker(char** argv) {
  const pid_t pid = ::fork();
  if (pid < 0) fail("fork");
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    for (int number : {SIGINT, SIGTERM, SIGHUP}) ::signal(number, SIG_DFL);
    ::execv("/proc/self/exe", argv);
    fmt::print(stderr, "mlawave: /proc/self/exe: {}\n", std::strerror(errno));
    ::_exit(kFailure);
  }
  child = pid;
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) fail("waitpid");
  child = 0;
  return status;
}

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status))
    return fmt::format("its process was killed by signal {} ({})", WTERMSIG(status),
                       ::strsignal(WTERMSIG(status)));
  return fmt::format("it ended the process with exit code {}", WEXITSTATUS(status));
}

}  // namespace

int supervise(char** argv) {
  const SharedBoard board;
  const StopSignals stop_signals;
  board->begin_ns =
      std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
  for (std::string lost_before;;) {
    ++board->workers;
    board->ended = board->goes_on = 0;
    put(board->stage, "starting");
    const int status = run_worker(argv);
    if (board->ended && !board->goes_on) return board->exit_code;
    if (stop_signal) return 128 + stop_signal;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE) return 128 + SIGPIPE;  // `| head`
    const std::string lost = board->case_id;
    if (board->ended) {  // the device was lost, its record is there
      put(board->lost_reason, "");
      fmt::print(stderr, "mlawave: the device was lost; a new process goes on\n");
    } else {
      put(board->lost_reason, how_it_ended(status));
      if (lost.empty()) {
        fmt::print(stderr, "mlawave: --plugin: {}: {}\n", board->stage, board->lost_reason);
        return kBadInput;
      }
    }
    if (lost == lost_before) {
      fmt::print(stderr, "mlawave: {}: {}, twice; the rest is left\n", lost,
                 board->lost_reason[0] ? board->lost_reason : "the device was lost");
      return kFailure;
    }
    lost_before = lost;
  }
}

}  // namespace mlawave::run
