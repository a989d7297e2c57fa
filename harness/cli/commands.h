// The subcommands of `mlawave`, one source file each: argv and wiring, nothing else.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "kernels/api/kernel.h"

namespace mlawave::cli {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailure = 1;  // a measured failure: a wrong or crashing kernel
inline constexpr int kExitBadInput = 2;
inline constexpr int kExitInterrupted = 130;  // Ctrl-C; what is done is kept (128 + SIGINT)

// Shared by main and the subcommands; outlives the parse.
struct Context {
  api::Kernels kernels;
  int exit_code = 0;         // 0 done, 1 a measured failure; main turns exceptions into 2 and 1
  std::string command_line;  // as typed, quoted for a shell
  char** argv = nullptr;     // as given to main
};

// Each adds one subcommand whose callback does the work. Bad input: throw config::BadInput.
void add_sweep(CLI::App&, Context&);
void add_export(CLI::App&, Context&);
void add_devices(CLI::App&, Context&);
void add_explain(CLI::App&, Context&);
void add_import(CLI::App&, Context&);
void add_predict(CLI::App&, Context&);
void add_tune(CLI::App&, Context&);

}  // namespace mlawave::cli
