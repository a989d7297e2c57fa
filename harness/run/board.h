// What a worker process and its supervisor share: a page of memory that outlives the worker, so
// that what it was doing is known however it ended, and telling costs no system call beside a
// timing.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace mlawave::run {

inline constexpr const char* kBoardVariable = "MLAWAVE_WORKER_BOARD";  // its file descriptor

struct Board {
  char stage[4096];        // worker: what it does outside of cases
  char case_id[1 << 16];   // worker: the case whose step it is in, or was last; empty: none yet
  char lost_reason[256];   // supervisor: how the worker before this one ended
  std::int64_t begin_ns;   // supervisor: monotonic clock when the sweep began
  std::int32_t workers;    // supervisor: how many there have been, this one included
  std::int32_t ended;      // worker: 1 when it came to its end
  std::int32_t exit_code;  // worker: valid when ended
  std::int32_t goes_on;    // worker: 1 when cases are left that need a new process
};

template <std::size_t N>
void put(char (&into)[N], std::string_view text) {
  const std::size_t n = text.size() < N - 1 ? text.size() : N - 1;
  std::memcpy(into, text.data(), n);
  into[n] = 0;
}

}  // namespace mlawave::run
