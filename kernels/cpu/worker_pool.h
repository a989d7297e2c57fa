// Threads that stand for SMs: each pinned to a CPU of its own, waiting between runs without
// spinning.
#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace mlawave::cpu {

// Logical CPUs this process may use, in order. Worker i of a pool runs on the i-th.
std::vector<int> available_cpus();

class WorkerPool {
 public:
  // Throws std::invalid_argument: fewer than one worker, or more than available_cpus().
  explicit WorkerPool(int workers);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  int size() const { return static_cast<int>(threads_.size()); }
  // Calls job(worker) once on every worker and returns when all are done. Rethrows the first
  // exception of a job.
  void run(const std::function<void(int)>& job);

 private:
  void work(int worker, int cpu);

  const std::function<void(int)>* job_ = nullptr;
  std::atomic<int> generation_{0};  // of jobs; negative: stop
  std::atomic<int> busy_{0};
  std::mutex mutex_;
  std::exception_ptr error_;
  std::vector<std::thread> threads_;
};

}  // namespace mlawave::cpu
