#include "harness/env/build.h"

#include "git_revision.h"  // written at every build, see CMakeLists.txt

namespace mlawave::env {

record::BuildInfo build_info() {
  return {MLAWAVE_VERSION,  MLAWAVE_GIT_REVISION, MLAWAVE_BUILD_TYPE,
          MLAWAVE_COMPILER, MLAWAVE_FLAGS,        MLAWAVE_CUDA_ARCHITECTURES};
}

}  // namespace mlawave::env
