#include "harness/cli/app.h"
#include "harness/run/worker.h"
#include "kernels/registry.h"

int main(int argc, char** argv) {
  mlawave::run::Worker* worker = mlawave::run::Worker::self();
  const int exit_code = mlawave::cli::run_app(argc, argv, mlawave::all_kernels());
  if (worker) worker->end(exit_code);
  return exit_code;
}
