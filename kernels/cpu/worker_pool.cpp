#include "kernels/cpu/worker_pool.h"

#include <pthread.h>
#include <sched.h>

#include <stdexcept>
#include <string>

namespace mlawave::cpu {

std::vector<int> available_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cpus;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return {0};
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  return cpus;
}

WorkerPool::WorkerPool(int workers) {
  const std::vector<int> cpus = available_cpus();
  if (workers < 1 || workers > static_cast<int>(cpus.size()))
    throw std::invalid_argument(std::to_string(workers) + " worker threads: expected 1.." +
                                std::to_string(cpus.size()));
  for (int i = 0; i < workers; ++i) threads_.emplace_back([this, i, cpus] { work(i, cpus[i]); });
}

WorkerPool::~WorkerPool() {
  generation_ = -1;
  generation_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void WorkerPool::run(const std::function<void(int)>& job) {
  job_ = &job;
  error_ = nullptr;
  busy_ = size();
  ++generation_;
  generation_.notify_all();
  for (int left = busy_; left > 0; left = busy_) busy_.wait(left);
  if (error_) std::rethrow_exception(error_);
}

void WorkerPool::work(int worker, int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  pthread_setaffinity_np(pthread_self(), sizeof set, &set);  // refused: the thread runs unpinned
  for (int seen = 0;;) {
    generation_.wait(seen);
    seen = generation_;
    if (seen < 0) return;
    try {
      (*job_)(worker);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
    }
    if (--busy_ == 0) busy_.notify_all();
  }
}

}  // namespace mlawave::cpu
