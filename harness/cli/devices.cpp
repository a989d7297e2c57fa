// mlawave devices: what this build and this machine can run.
#include "harness/cli/commands.h"
namespace mlawave::cli {
void add_devices(CLI::App& app, Context& context) {
  (void)app;
  (void)context;
}
}  // namespace mlawave::cli
