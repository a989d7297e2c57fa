#include "harness/measure/cpu/parallel.h"

#include <algorithm>
#include <thread>
#include <vector>

#include "harness/env/host.h"

namespace mlawave::measure {

void parallel_for(std::int64_t count, const std::function<void(std::int64_t, std::int64_t)>& body) {
  const auto cpus = static_cast<std::int64_t>(env::allowed_cpus().size());
  const std::int64_t parts = std::clamp<std::int64_t>(count, 0, cpus);
  std::vector<std::jthread> threads;
  for (std::int64_t i = 0; i < parts; ++i)
    threads.emplace_back(body, i * count / parts, (i + 1) * count / parts);
}

}  // namespace mlawave::measure
