#include "harness/run/worker.h"

#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <memory>

#include "harness/run/board.h"

namespace mlawave::run {
namespace {

Board* find_board() {
  const char* text = std::getenv(kBoardVariable);
  if (!text) return nullptr;
  const int fd = std::atoi(text);
  ::unsetenv(kBoardVariable);
  void* at = ::mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (at == MAP_FAILED) return nullptr;  // not from a supervisor
  ::close(fd);
  return static_cast<Board*>(at);
}

}  // namespace

Worker* Worker::self() {
  static const std::unique_ptr<Worker> worker = [] {
    Board* board = find_board();
    return std::unique_ptr<Worker>(board ? new Worker(*board) : nullptr);
  }();
  return worker.get();
}

void Worker::stage(std::string_view text) { put(board_.stage, text); }
void Worker::enter(std::string_view case_id) { put(board_.case_id, case_id); }
void Worker::leave_the_rest() { board_.goes_on = 1; }

void Worker::end(int exit_code) {
  board_.exit_code = exit_code;
  board_.ended = 1;
}

bool Worker::is_first() const { return board_.workers == 1; }

std::optional<LostCase> Worker::lost() const {
  if (is_first() || !board_.lost_reason[0]) return std::nullopt;
  return LostCase{board_.case_id, board_.lost_reason};
}

double Worker::elapsed_s() const {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now - std::chrono::nanoseconds(board_.begin_ns)).count();
}

}  // namespace mlawave::run
