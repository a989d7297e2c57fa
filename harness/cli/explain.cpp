// mlawave explain: a run or anybody's table -> verdict, dips, causes.
#include "harness/analysis/explain.h"

#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/analysis/from_run.h"
#include "harness/analysis/report.h"
#include "harness/cli/commands.h"
#include "harness/cli/inputs.h"
#include "harness/cli/per_token.h"
#include "harness/config/bad_input.h"
#include "harness/model/tiles.h"
#include "harness/record/read_run.h"

namespace mlawave::cli {
namespace {

struct ExplainFlags {
  std::vector<std::string> inputs;
  bool json = false;
  bool skip_bad_rows = false;
  std::string format = "auto";
  std::optional<int> sms, heads, kv_heads, chunk, ctas_per_sm;
  std::optional<std::string> gpu, model;
  PerToken per_token;
};

std::optional<int> tiles_of_model(const ExplainFlags& f) {
  if (!f.model || f.heads) return std::nullopt;
  const auto m = model::find_model(*f.model);
  if (!m)
    throw config::BadInput(
        fmt::format("--model \"{}\": not known; expected one of {}, or --heads "
                    "and --kv-heads",
                    *f.model, model::known_models()));
  return model::head_tiles(m->heads, m->kv_heads);
}

std::optional<int> tiles_of(const ExplainFlags& f) {
  if (f.kv_heads && !f.heads)
    throw config::BadInput("--kv-heads needs --heads too: tiles are counted from both");
  if (!f.heads) return std::nullopt;
  return model::head_tiles(*f.heads, f.kv_heads.value_or(1));
}

std::vector<analysis::Series> series_in(const std::string& path, const ExplainFlags& f) {
  if (!is_run(path)) return table_series(path, import_options(f.format, f.skip_bad_rows));
  const record::Run run = record::read_run(path);
  for (const std::string& w : run.warnings) fmt::print(stderr, "{}\n", w);
  auto all = analysis::series_of(run, path);
  if (all.empty())
    throw config::BadInput(
        fmt::format("{}: no record with a time; expected at least one that is ok", path));
  return all;
}

void add_projections(const ExplainFlags& f, const std::vector<analysis::Series>& all,
                     std::vector<analysis::Explanation>& explanations) {
  PerToken how = f.per_token;
  how.model = f.model.value_or("");
  for (std::size_t i = 0; i < all.size(); ++i) {
    const model::Card card = card_of(how, all[i].heads);
    if (const std::string reason = analysis::why_not_projected(all[i], card); !reason.empty()) {
      fmt::print(stderr, "{}: no projection: {}\n", all[i].name, reason);
      continue;
    }
    const model::Rest rest = rest_of(how, card, all[i].gpu, all[i].read_gb_per_s);
    explanations[i].per_token = analysis::project(all[i], explanations[i], card, rest);
  }
}

void explain(const ExplainFlags& f) {
  analysis::Question q;
  q.sms = f.sms;
  q.gpu = f.gpu;
  q.ctas_per_sm = f.ctas_per_sm;
  q.n_tiles = tiles_of(f);
  q.chunk = f.chunk;
  const auto tiles = tiles_of_model(f);
  std::vector<analysis::Series> all;
  for (const std::string& path : f.inputs)
    for (analysis::Series& s : series_in(path, f)) {
      // A run of ours knows its tiles; for a table the model's name tells them.
      if (tiles && s.heads == 0) s.known.n_tiles = tiles;
      all.push_back(std::move(s));
    }
  auto explanations = analysis::explain_all(all, q);
  if (f.per_token.on) add_projections(f, all, explanations);
  if (f.json) {
    fmt::print("{}", analysis::as_json(explanations));
    return;
  }
  for (std::size_t i = 0; i < explanations.size(); ++i)
    fmt::print("{}{}", i == 0 ? "" : "\n", analysis::as_text(explanations[i]));
}

}  // namespace

void add_explain(CLI::App& app, Context&) {
  auto f = std::make_shared<ExplainFlags>();
  CLI::App* c = app.add_subcommand("explain", "Says why a curve dips: a run, or anybody's table");
  c->add_option("input", f->inputs,
                "Run directory, or a file with llama-sweep-bench, llama-bench or CSV tables")
      ->required();
  c->add_flag("--json", f->json, "For programs");
  c->add_option("--sms", f->sms, "SMs of the card")->check(CLI::Range(1, 100000));
  c->add_option("--gpu", f->gpu, "The card by name: \"RTX 4080\"");
  c->add_option("--heads", f->heads, "Query heads")->check(CLI::Range(1, 4096));
  c->add_option("--kv-heads", f->kv_heads, "KV heads (1: MLA)")->check(CLI::Range(1, 4096));
  c->add_option("--model", f->model, "Language model, in place of --heads and --kv-heads");
  c->add_option("--chunk", f->chunk, "KV tokens in a work unit (llama.cpp: 256)")
      ->check(CLI::Range(1, 1 << 20));
  c->add_option("--ctas-per-sm", f->ctas_per_sm, "CTAs resident on an SM")
      ->check(CLI::Range(1, 64));
  c->add_option("--format", f->format, "auto, sweep-bench, llama-bench or csv");
  c->add_flag("--skip-bad-rows", f->skip_bad_rows, "Leave out rows with unreadable numbers");
  f->per_token.add_to(*c);
  c->callback([f] { explain(*f); });
}

}  // namespace mlawave::cli
