// mlawave export: a run as a table.
#include "harness/cli/commands.h"

namespace mlawave::cli {
void add_export(CLI::App& app, Context& context) {
  (void)app;
  (void)context;
}
}  // namespace mlawave::cli
