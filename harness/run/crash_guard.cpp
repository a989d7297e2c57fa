#include "harness/run/crash_guard.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <utility>

#include "harness/record/json_line.h"

namespace mlawave::run {
namespace {

constexpr std::array kSignals{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGALRM};
constexpr const char* kDigits = "@@";  // stands for the signal's number

// What the handler reads.
std::atomic<int> file{-1};
std::atomic<const LastWords*> current{nullptr};
std::string next_words;
std::array<struct sigaction, kSignals.size()> before;

void put(int fd, const char* text, std::size_t size) {
  while (size > 0) {
    const ssize_t n = ::write(fd, text, size);
    if (n <= 0) return;
    text += n;
    size -= static_cast<std::size_t>(n);
  }
}

void put(int fd, const std::string& text) { put(fd, text.data(), text.size()); }
void put(int fd, const char* text) { put(fd, text, std::strlen(text)); }

// Only calls that POSIX allows in a handler.
void on_signal(int number) {
  const LastWords* words = current.exchange(nullptr);
  if (!words) {  // not ours: as if there had been no handler
    ::signal(number, SIG_DFL);
    ::raise(number);
    return;
  }
  const char digits[2] = {static_cast<char>('0' + number / 10),
                          static_cast<char>('0' + number % 10)};
  if (number == SIGALRM) {
    put(file, words->hung);
  } else {
    put(file, words->crash_head);
    put(file, digits, 2);
    put(file, words->crash_tail);
  }
  put(STDERR_FILENO, "\nmlawave: ");
  put(STDERR_FILENO, words->id);
  put(STDERR_FILENO, number == SIGALRM ? " hung" : " crashed");
  put(STDERR_FILENO, "; its record says so, ");
  put(STDERR_FILENO, next_words);
  put(STDERR_FILENO, "\n");
  ::_exit(1);
}

void set_alarm(int seconds) {
  itimerval timer{};
  timer.it_value.tv_sec = seconds;
  ::setitimer(ITIMER_REAL, &timer, nullptr);
}

std::string line_of(record::Record r, std::string reason) {
  r.status = record::Status::failed;
  r.reason = std::move(reason);
  return record::to_line(r) + '\n';
}

}  // namespace

LastWords::LastWords(const record::Record& r)
    : id(r.id),
      hung(line_of(r, fmt::format("a step took longer than {} s: hung", kHungAfterSeconds))) {
  const std::string line = line_of(r, fmt::format("crashed: signal {}", kDigits));
  const std::size_t at = line.find(kDigits);
  crash_head = line.substr(0, at);
  crash_tail = line.substr(at + std::strlen(kDigits));
}

CrashGuard::CrashGuard(int fd, std::string next) {
  file = fd;
  next_words = std::move(next);
  struct sigaction action {};
  action.sa_handler = on_signal;
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &action, &before[i]);
}

CrashGuard::~CrashGuard() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &before[i], nullptr);
  file = -1;
}

CrashGuard::Step::Step(const LastWords& words) {
  if (file < 0) return;
  current = &words;
  set_alarm(kHungAfterSeconds);
}

CrashGuard::Step::~Step() {
  if (file < 0) return;
  set_alarm(0);
  current = nullptr;
}

}  // namespace mlawave::run
