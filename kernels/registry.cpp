#include "kernels/registry.h"

#include <vector>

#include "kernels/cpu/kernels.h"
#if MLAWAVE_HAS_CUDA
#include "kernels/cuda/portable/launch.h"
#endif
#if MLAWAVE_HAS_SM90
#include "kernels/cuda/tile_reuse_sm90/launch.h"
#include "kernels/cuda/tile_reuse_sm90_q/launch.h"
#include "kernels/cuda/tile_reuse_sm90_t/launch.h"
#endif

namespace mlawave {

api::Kernels all_kernels() {
  static const std::vector<const api::Kernel*> kernels{
      &cpu::baseline(),
      &cpu::tile_reuse(),
#if MLAWAVE_HAS_CUDA
      &cuda::portable::baseline(),
      &cuda::portable::baseline_separate_v(),
      &cuda::portable::tile_reuse(),
#endif
#if MLAWAVE_HAS_SM90
      &cuda::tile_reuse_sm90_t::baseline(),
      &cuda::tile_reuse_sm90_t::tile_reuse(),
      &cuda::tile_reuse_sm90::baseline(),
      &cuda::tile_reuse_sm90::tile_reuse(),
      &cuda::tile_reuse_sm90_q::tile_reuse(),
#endif
  };
  return kernels;
}

}  // namespace mlawave
