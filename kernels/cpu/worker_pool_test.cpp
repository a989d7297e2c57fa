#include "kernels/cpu/worker_pool.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <stdexcept>

namespace mlawave::cpu {
namespace {

TEST(WorkerPool, EveryWorkerRunsEveryJobOnItsOwnCpu) {
  const std::vector<int> cpus = available_cpus();
  WorkerPool pool(static_cast<int>(cpus.size()));
  std::vector<int> runs(cpus.size()), on(cpus.size());
  for (int i = 0; i < 100; ++i)
    pool.run([&](int worker) {
      ++runs[worker];
      on[worker] = sched_getcpu();
    });
  EXPECT_EQ(runs, std::vector<int>(cpus.size(), 100));
  EXPECT_EQ(on, cpus);
}

TEST(WorkerPool, RethrowsWhatAJobThrewAndGoesOn) {
  WorkerPool pool(1);
  EXPECT_THROW(pool.run([](int) { throw std::runtime_error("job"); }), std::runtime_error);
  int ran = 0;
  pool.run([&](int) { ran = 1; });
  EXPECT_EQ(ran, 1);
}

TEST(WorkerPool, RefusesMoreWorkersThanCpus) {
  EXPECT_THROW(WorkerPool(0), std::invalid_argument);
  EXPECT_THROW(WorkerPool(static_cast<int>(available_cpus().size()) + 1), std::invalid_argument);
}

}  // namespace
}  // namespace mlawave::cpu
