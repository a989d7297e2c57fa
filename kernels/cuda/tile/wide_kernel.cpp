#include "kernels/cuda/tile/wide_kernel.h"

#include <cuda_runtime.h>
#include <fmt/format.h>

#include <algorithm>

#include "kernels/cuda/base/error.h"
#include "kernels/cuda/base/launch.h"
#include "kernels/cuda/tile/hopper.h"

namespace mlawave::cuda {
namespace {

constexpr int kClusterCtas = 2;  // four CTAs of a slot are two clusters, each of which reads a tile

TileShape shape_of(const WideLaunch& launch, int group) {
  cudaFuncAttributes attributes{};
  MLAWAVE_CUDA_CHECK(cudaFuncGetAttributes(&attributes, launch.function));
  return {.rows_per_tile = group * kWideRows,
          .ctas_per_sm = 1,
          .ctas_per_tile = group,
          .shared_bytes_per_cta = launch.shared_bytes,
          .registers_per_thread = attributes.numRegs,
          .threads_per_cta = launch.threads,
          .partials = PartialFormat::packed_rows,
          .reads_once = launch.asks_evict_first && group <= kClusterCtas};
}

}  // namespace

api::Support WideKernel::supports(const api::PlanRequest& request) const {
  if (const api::Support hopper = check_hopper(); !hopper.ok) return hopper;
  if (const int page = request.problem.page_size; page > 0 && page < smallest_page_)
    return {false, fmt::format("page_size {}: expected 0 or at least {}", page, smallest_page_)};
  if (const api::Support limits = api::check_limits(request); !limits.ok) return limits;
  if (const int group = wide_group(request.problem); request.sms < group)
    return {false, fmt::format("sms {}: {} query rows need at least {}", request.sms,
                               request.problem.rows(), group)};
  return {};
}

WidePlan::WidePlan(const api::PlanRequest& request, const WideLaunch& launch)
    : DecodePlan(request, shape_of(launch, wide_group(request.problem))),
      kv_rows_(request.problem.kv_rows()),
      q_rows_(static_cast<std::int64_t>(request.problem.batch()) * request.problem.rows()),
      launch_(launch),
      group_(wide_group(request.problem)) {
  MLAWAVE_CUDA_CHECK(cudaFuncSetAttribute(
      launch.function, cudaFuncAttributeMaxDynamicSharedMemorySize, launch.shared_bytes));
}

void WidePlan::launch_clusters(const DecodeArgs& args, const void* maps, bool dependent,
                               cudaStream_t stream) {
  void* parameters[] = {const_cast<DecodeArgs*>(&args), const_cast<void*>(maps), &group_};
  LaunchShape shape;
  shape.ctas = info().slots * group_;
  shape.threads = launch_.threads;
  shape.shared_bytes = launch_.shared_bytes;
  shape.cluster = std::min(group_, kClusterCtas);
  shape.dependent = dependent;
  launch_kernel(launch_.function, shape, parameters, stream);
}

}  // namespace mlawave::cuda
