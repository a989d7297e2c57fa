#include "harness/cli/app.h"

#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "harness/cli/commands.h"
#include "harness/config/bad_input.h"
#include "harness/config/names.h"
#include "harness/env/build.h"
#include "harness/run/command.h"

namespace mlawave::cli {
namespace {

void add_commands(CLI::App& app, Context& context) {
  add_sweep(app, context);
  add_export(app, context);
  add_devices(app, context);
  add_explain(app, context);
  add_import(app, context);
  add_predict(app, context);
  add_tune(app, context);
}

// The command whose arguments were being read.
const CLI::App& active(const CLI::App& app) {
  const auto commands = app.get_subcommands();
  return commands.empty() ? app : *commands.back();
}

std::vector<std::string> words(const CLI::App& app) {
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  for (const CLI::App* command : app.get_subcommands(nullptr)) known.push_back(command->get_name());
  return known;
}

// The first word that no command knows; flags without the text behind "=".
std::string unknown_word(const CLI::App& app) {
  for (const std::string& word : app.remaining(true))
    if (!word.empty()) return word.substr(0, word.find('='));
  return "";
}

// CLI11's own message, and the nearest name to a word that it does not know.
int report(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
  const CLI::App& command = active(app);
  const std::string unknown = unknown_word(app);
  const std::string message = unknown.empty()
                                  ? error.what()
                                  : fmt::format("not expected here: {}{}", unknown,
                                                config::did_you_mean(unknown, words(command)));
  fmt::print(stderr, "mlawave: {}\nRun {} --help for what is.\n", message,
             &command == &app ? "mlawave" : "mlawave " + command.get_name());
  return kExitBadInput;
}

std::string version_text() {
  const record::BuildInfo build = env::build_info();
  return fmt::format(
      "mlawave {} ({}, {})", build.version, build.git_revision,
      build.cuda_architectures.empty() ? "no CUDA" : "CUDA " + build.cuda_architectures);
}

}  // namespace

int run_app(int argc, char** argv, api::Kernels kernels) {
  Context context{kernels, kExitDone, shell_text(argc, argv), argv};
  CLI::App app{"Measures MLA attention kernels and says why the curve dips.", "mlawave"};
  app.set_version_flag("--version", version_text());
  app.require_subcommand(1);
  try {
    add_commands(app, context);
    app.parse(argc, argv);
    return context.exit_code;
  } catch (const CLI::ParseError& error) {
    return report(app, error);
  } catch (const config::BadInput& error) {
    fmt::print(stderr, "mlawave: {}\n", error.what());
    return kExitBadInput;
  } catch (const std::exception& error) {
    fmt::print(stderr, "mlawave: {}\n", error.what());
    return kExitFailure;
  }
}

std::string shell_text(int argc, const char* const* argv) {
  std::string line;
  for (int i = 0; i < argc; ++i) {
    if (i > 0) line += ' ';
    line += run::shell_word(argv[i]);
  }
  return line;
}

}  // namespace mlawave::cli
