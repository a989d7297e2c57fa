#include "harness/cli/app.h"
#if __has_include("kernels/registry.h")
#include "kernels/registry.h"
#else
namespace mlawave {
static api::Kernels all_kernels() { return {}; }
}  // namespace mlawave
#endif

int main(int argc, char** argv) {
  return mlawave::cli::run_app(argc, argv, mlawave::all_kernels());
}
