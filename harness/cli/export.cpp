// mlawave export: a run as a table for other programs.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>

#include "harness/cli/commands.h"
#include "harness/cli/per_token.h"
#include "harness/config/bad_input.h"
#include "harness/config/names.h"
#include "harness/export/figure.h"
#include "harness/export/llama.h"
#include "harness/export/projected.h"
#include "harness/export/table.h"
#include "harness/record/read_run.h"

namespace mlawave::cli {
namespace {

struct ExportOptions {
  std::string run;
  std::string format = "csv";
  std::string out;
  PerToken per_token;
};

struct Format {
  const char* name;
  void (*write)(std::ostream&, const record::Run&, const std::string& title);
  bool of_a_model = false;  // what it holds may be the tokens of a whole model
};

using Text = const std::string&;

const Format kFormats[] = {
    {"csv", [](std::ostream& o, const record::Run& r,
               Text) { exporting::write_csv(o, r.records, r.info); }},
    {"json", [](std::ostream& o, const record::Run& r,
                Text) { exporting::write_json(o, r.records, r.info); }},
    {"figure", [](std::ostream& o, const record::Run& r, Text) { exporting::write_figure(o, r); }},
    {"sweep-bench",
     [](std::ostream& o, const record::Run& r, Text title) {
       exporting::write_sweep_bench(o, r.records, title);
     },
     true},
    {"llama-bench",
     [](std::ostream& o, const record::Run& r, Text title) {
       exporting::write_llama_bench(o, r.records, r.info, title);
     },
     true},
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

// The run's records as tokens of a whole model; returns what they are.
std::string project(const PerToken& how, record::Run& run) {
  const auto ok = [](const record::Record& r) { return r.status == record::Status::ok; };
  const auto first = std::find_if(run.records.begin(), run.records.end(), ok);
  const int heads = first == run.records.end() ? 0 : first->what.heads;
  const model::Card card = card_of(how, heads);
  record::DeviceInfo device;
  for (const record::DeviceInfo& d : run.info.devices)
    if (first != run.records.end() && d.backend == first->what.backend) device = d;
  const model::Rest rest = rest_of(how, card, device.name, device.ceilings.read_gb_per_s);
  run.records = exporting::projected(run.records, card, rest);
  if (run.records.empty())
    throw config::BadInput(fmt::format(
        "--per-token: no record of {} heads, one request and one new token, as {} needs",
        card.model.heads, card.model.name));
  return fmt::format("Projection, not a measurement: {}, {} layers x attention + {:.2f} ms ({})",
                     card.model.name, card.model.layers, rest.ms, rest.source);
}

void run_export(const ExportOptions& options) {
  const Format& format = format_of(options.format);
  if (options.per_token.on && !format.of_a_model)
    throw config::BadInput(
        fmt::format("--per-token: makes times of a whole model; expected --format sweep-bench or "
                    "llama-bench with it, got {}",
                    format.name));
  if (!options.per_token.on && !options.per_token.model.empty())
    throw config::BadInput("--model: is for a projection; expected --per-token with it");
  record::Run run = record::read_run(options.run);
  const std::string title = options.per_token.on ? project(options.per_token, run) : "";
  for (const std::string& warning : run.warnings) fmt::print(stderr, "mlawave: {}\n", warning);
  errno = 0;
  if (options.out.empty()) {
    format.write(std::cout, run, title);
    return check(std::cout, "standard output");
  }
  std::ofstream file(options.out, std::ios::binary);
  check(file, options.out);
  format.write(file, run, title);
  check(file, options.out);
}

}  // namespace

void add_export(CLI::App& app, Context&) {
  auto options = std::make_shared<ExportOptions>();
  CLI::App* command = app.add_subcommand("export", "Write a run as a table");
  command->add_option("RUN", options->run, "Run directory or run file")->required();
  command->add_option("--format", options->format, "csv, json, figure, sweep-bench or llama-bench")
      ->capture_default_str();
  command->add_option("-o,--output", options->out, "File to write (default: standard output)");
  command->add_option("--model", options->per_token.model, "Language model of --per-token");
  options->per_token.add_to(*command);
  command->callback([options] { run_export(*options); });
}

}  // namespace mlawave::cli
