#include "harness/cli/app.h"
#include "kernels/registry.h"

int main(int argc, char** argv) {
  return mlawave::cli::run_app(argc, argv, mlawave::all_kernels());
}
