#include "harness/cli/sweep_flags.h"

namespace mlawave::cli {
namespace {

const char* metavar(config::Takes takes) {
  switch (takes) {
    case config::Takes::text:
      return "TEXT";
    case config::Takes::number:
      return "NUMBER";
    default:
      return "LIST";
  }
}

}  // namespace

void SweepFlags::add_to(CLI::App& command) {
  for (const config::Field& field : config::fields()) {
    if (field.flag.empty()) continue;
    Flag& flag = flags_.emplace_back();
    flag.name = field.flag;
    if (field.takes == config::Takes::nothing)
      flag.option = command.add_flag(field.flag, field.help);
    else
      flag.option = command.add_option(field.flag, flag.texts, field.help)
                        ->allow_extra_args(false)
                        ->type_name(metavar(field.takes));
    flag.option->group(field.key.starts_with("policy.") ? "How a case is measured"
                                                        : "Axes: every combination is a case");
  }
}

config::Flags SweepFlags::given() const {
  config::Flags result;
  for (const Flag& flag : flags_)
    if (flag.option->count() > 0) result.emplace_back(flag.name, flag.texts);
  return result;
}

}  // namespace mlawave::cli
