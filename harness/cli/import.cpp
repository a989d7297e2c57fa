// mlawave import: other people's tables -> a run directory.
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "harness/analysis/imported_run.h"
#include "harness/cli/commands.h"
#include "harness/cli/inputs.h"
#include "harness/env/build.h"
#include "harness/env/host.h"
#include "harness/record/run_file.h"

namespace mlawave::cli {
namespace {

struct ImportFlags {
  std::vector<std::string> files;
  std::string format = "auto";
  std::string out;
  bool skip_bad_rows = false;
};

record::DeviceInfo device_of(const analysis::Series& s) {
  record::DeviceInfo d;
  d.backend = s.backend == "cpu" ? api::Backend::cpu : api::Backend::cuda;
  d.name = s.gpu.empty() ? "not said (imported)" : s.gpu;
  d.sms = s.known.sms.value_or(0);
  return d;
}

void add_devices_of(const std::vector<analysis::Series>& all, record::RunInfo& info) {
  for (const analysis::Series& s : all) {
    const record::DeviceInfo d = device_of(s);
    bool known = false;
    for (const record::DeviceInfo& other : info.devices)
      known = known || other.backend == d.backend;
    if (!known) info.devices.push_back(d);
  }
}

void import_files(const ImportFlags& f, const Context& context) {
  std::vector<analysis::Series> all;
  const importer::Options options = import_options(f.format, f.skip_bad_rows);
  for (const std::string& path : f.files)
    for (analysis::Series& s : table_series(path, options)) all.push_back(std::move(s));
  analysis::name_apart(all);

  record::RunInfo info;
  info.start_time_utc = env::now_utc();
  info.command_line = context.command_line;
  info.host = env::host_info();
  info.build = env::build_info();
  analysis::describe_import(all, info);
  add_devices_of(all, info);
  record::RunFile file(f.out, info, false);
  file.write_header(info);
  for (const analysis::Series& s : all) {
    for (const record::Record& r : analysis::records_of(s, context.command_line)) file.append(r);
    fmt::print("{}: {} rows{}\n", s.name, s.points.size(),
               s.bad_rows.empty() ? "" : fmt::format(", {} left out", s.bad_rows.size()));
    for (const analysis::BadRow& b : s.bad_rows)
      fmt::print("  line {}, n_kv {}: {}\n", b.line, b.n_kv, b.reason);
  }
}

}  // namespace

void add_import(CLI::App& app, Context& context) {
  auto f = std::make_shared<ImportFlags>();
  CLI::App* c = app.add_subcommand("import", "Other people's tables as a run");
  c->add_option("FILE", f->files, "llama-sweep-bench, llama-bench or CSV tables")->required();
  c->add_option("--format", f->format, "auto, sweep-bench, llama-bench or csv");
  c->add_option("--out", f->out, "Directory for the run")->type_name("DIR")->required();
  c->add_flag("--skip-bad-rows", f->skip_bad_rows, "Leave out rows with unreadable numbers");
  c->callback([f, &context] { import_files(*f, context); });
}

}  // namespace mlawave::cli
