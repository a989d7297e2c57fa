// mlawave export: a run as a table for other programs.
#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>

#include "harness/cli/commands.h"
#include "harness/config/bad_input.h"
#include "harness/config/names.h"
#include "harness/export/figure.h"
#include "harness/export/llama.h"
#include "harness/export/table.h"
#include "harness/record/read_run.h"

namespace mlawave::cli {
namespace {

struct Options {
  std::string run;
  std::string format = "csv";
  std::string out;
};

struct Format {
  const char* name;
  void (*write)(std::ostream&, const record::Run&);
};

const Format kFormats[] = {
    {"csv",
     [](std::ostream& o, const record::Run& r) { exporting::write_csv(o, r.records, r.info); }},
    {"json",
     [](std::ostream& o, const record::Run& r) { exporting::write_json(o, r.records, r.info); }},
    {"figure", [](std::ostream& o, const record::Run& r) { exporting::write_figure(o, r); }},
    {"sweep-bench",
     [](std::ostream& o, const record::Run& r) { exporting::write_sweep_bench(o, r.records); }},
    {"llama-bench",
     [](std::ostream& o, const record::Run& r) {
       exporting::write_llama_bench(o, r.records, r.info);
     }},
};

const Format& format_of(const std::string& name) {
  std::vector<std::string> known;
  for (const Format& format : kFormats) {
    if (name == format.name) return format;
    known.emplace_back(format.name);
  }
  throw config::BadInput(fmt::format("--format: got \"{}\", expected {}{}", name,
                                     config::one_of(known), config::did_you_mean(name, known)));
}

void check(std::ostream& out, const std::string& path) {
  out.flush();
  if (!out)
    throw config::BadInput(fmt::format("{}: cannot be written: {}", path, std::strerror(errno)));
}

void run_export(const Options& options) {
  const Format& format = format_of(options.format);
  const record::Run run = record::read_run(options.run);
  for (const std::string& warning : run.warnings) fmt::print(stderr, "mlawave: {}\n", warning);
  errno = 0;
  if (options.out.empty()) {
    format.write(std::cout, run);
    return check(std::cout, "standard output");
  }
  std::ofstream file(options.out, std::ios::binary);
  check(file, options.out);
  format.write(file, run);
  check(file, options.out);
}

}  // namespace

void add_export(CLI::App& app, Context&) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("export", "Write a run as a table");
  command->add_option("RUN", options->run, "Run directory or run file")->required();
  command->add_option("--format", options->format, "csv, json, figure, sweep-bench or llama-bench")
      ->capture_default_str();
  command->add_option("-o,--output", options->out, "File to write (default: standard output)");
  command->callback([options] { run_export(*options); });
}

}  // namespace mlawave::cli
