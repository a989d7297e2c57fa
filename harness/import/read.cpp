#include "harness/import/read.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "harness/config/bad_input.h"
#include "harness/import/json_rows.h"
#include "harness/import/lines.h"
#include "harness/import/prose.h"
#include "harness/import/rows.h"
#include "harness/import/tables.h"
#include "harness/model/gpus.h"

namespace mlawave::importer {
namespace {

using config::BadInput;

constexpr std::int64_t kMaxRows = 1'000'000;

std::string_view unquote(std::string_view line) {
  line = trim(line);
  while (line.starts_with('>')) line = trim(line.substr(1));
  return line;
}

bool starts_number(std::string_view cell) {
  if (cell.starts_with('-') || cell.starts_with('+')) cell.remove_prefix(1);
  return !cell.empty() && cell[0] >= '0' && cell[0] <= '9';
}

// "  Device 0: NVIDIA GeForce RTX 4080, compute capability 8.9, VMM: yes", as llama.cpp logs it.
std::optional<std::string> gpu_in(std::string_view line) {
  constexpr std::string_view kDevice = "Device 0: ";
  const auto at = line.find(kDevice);
  if (at == line.npos) return std::nullopt;
  std::string_view name = line.substr(at + kDevice.size());
  name = trim(name.substr(0, name.find(',')));
  constexpr std::size_t kLongestName = 80;
  if (name.empty() || name.size() > kLongestName) return std::nullopt;
  return std::string(name);
}

// Reads one file. A table's rows follow its header; lines between them that are no rows are logs.
class Reader {
 public:
  Reader(std::istream& in, const std::string& source, const Options& options)
      : lines_(in),
        source_(source),
        options_(options),
        tables_(source, options.skip_bad_rows),
        json_([this](JsonRow&& row) { take_json(std::move(row)); }) {}

  std::vector<Table> run() {
    std::string text;
    while (lines_.next(text)) {
      if (lines_.binary())
        throw BadInput(fmt::format("{}:{}: a NUL byte: this is no text; expected a table", source_,
                                   lines_.number()));
      line(unquote(text));
    }
    if (lines_.bytes() == 0) throw BadInput(fmt::format("{}:1: the file is empty", source_));
    std::vector<Table> tables = tables_.finish();
    for (Table& t : tables)  // a name in the file's name is closer to the table
      if (t.gpu.empty() && !model::gpu_named_in(t.name)) t.gpu = prose_.gpu();
    return tables;
  }

  std::int64_t lines() const { return lines_.number(); }

 private:
  bool wanted(Format f) const { return !options_.format || *options_.format == f; }

  void line(std::string_view text) {
    if (text.empty() || text.front() == '#' || is_rule(text)) return;
    if (may_be_header(text))
      if (auto layout = read_header(text); layout && wanted(layout->format)) {
        json_.abandon();
        tables_.header(layout->format, lines_.number());
        layout_ = std::move(layout);
        json_group_ = 0;
        return;
      }
    if (json_.feed(text, lines_.number())) return;
    if (layout_ && table_row(text)) return;
    if (auto gpu = gpu_in(text))
      tables_.set_gpu(std::move(*gpu));
    else
      prose_.line(text);
    settings(text);
  }

  bool may_be_header(std::string_view text) const {
    if (text.front() >= '0' && text.front() <= '9') return false;
    if (json_.inside()) return text.find('|') != text.npos;
    return text.front() != '{' && text.front() != '[';
  }

  bool table_row(std::string_view text) {
    if (text.find(layout_->separator) == text.npos) return false;
    auto cells = split(text, layout_->separator, quoted_);
    // A log may stand before the first '|'.
    if (layout_->separator == '|' && cells.size() > layout_->columns.size() &&
        layout_->format == Format::sweep_bench && !starts_number(cells.front()))
      cells.erase(cells.begin());
    if (!looks_like_row(cells)) return false;
    Cells row;
    const bool complete = assign(*layout_, cells, row);
    Parsed parsed;
    if (complete) {
      parsed = parse_row(row, layout_->format, time_scale(*layout_), lines_.number());
    } else {
      parsed.kind = Parsed::Kind::cut;
      parsed.row.line = lines_.number();
      parsed.reason = fmt::format("{} cells, expected {}", cells.size(), layout_->columns.size());
    }
    take(std::move(parsed));
    return true;
  }

  // Tables of llama-bench start with words; the others with a number. A cell that should be one
  // and is not makes a wrong row only where the rest of the line is a row.
  bool looks_like_row(const std::vector<std::string_view>& cells) const {
    if (cells.empty()) return false;
    if (layout_->format == Format::llama_bench || layout_->format == Format::csv)
      return cells.size() + 1 >= layout_->columns.size() || starts_number(cells.front());
    if (starts_number(cells.front())) return true;
    std::size_t numbers = 0;
    for (std::string_view c : cells) numbers += starts_number(c) ? 1 : 0;
    return cells.size() >= layout_->columns.size() && 2 * numbers >= layout_->columns.size();
  }

  static double time_scale(const Layout& layout) {
    for (const Column& c : layout.columns)
      if (c.role == Role::time_us) return c.scale;
    return 1;
  }

  void take(Parsed&& parsed) {
    tables_.row(std::move(parsed));
    if (tables_.rows() > kMaxRows)
      throw BadInput(fmt::format("{}:{}: more than {} rows: too many to be one benchmark table",
                                 source_, lines_.number(), kMaxRows));
  }

  void take_json(JsonRow&& row) {
    if (!wanted(row.format)) return;
    const int group = 1 + static_cast<int>(row.format);
    if (json_group_ != group) tables_.header(row.format, row.line);
    json_group_ = group;
    layout_.reset();
    take(parse_row(row.cells, row.format, row.time_scale, row.line));
  }

  void settings(std::string_view text) {
    constexpr std::string_view kLayers = "n_gpu_layers = ";
    const auto at = text.find(kLayers);
    if (at == text.npos) return;
    std::string_view value = text.substr(at + kLayers.size());
    value = value.substr(0, value.find_first_not_of("-0123456789"));
    if (!value.empty() && value.size() < 12)
      tables_.set_setting("n_gpu_layers", std::string(value));
  }

  LineReader lines_;
  std::string source_;
  Options options_;
  Tables tables_;
  JsonRows json_;
  Prose prose_;
  std::optional<Layout> layout_;
  std::vector<std::string> quoted_;
  int json_group_ = 0;
};

[[noreturn]] void nothing_usable(const std::string& source, const std::vector<Table>& tables,
                                 std::int64_t lines) {
  if (tables.empty())
    throw BadInput(fmt::format(
        "{}:{}: no table found; expected a header with N_KV and T_TG (llama-sweep-bench), test and "
        "t/s (llama-bench), or n_kv and time_us or tokens_per_s (CSV)",
        source, lines));
  std::string message;
  constexpr std::size_t kMost = 10;
  for (std::size_t i = 0; i < tables.size() && i < kMost; ++i)
    message += fmt::format("{}{}:{}: {}", i == 0 ? "" : "\n", source, tables[i].unusable_line,
                           tables[i].unusable);
  if (tables.size() > kMost)
    message += fmt::format("\n… and {} tables more", tables.size() - kMost);
  throw BadInput(message);
}

}  // namespace

std::optional<Format> parse_format(std::string_view name) {
  if (name == "sweep-bench") return Format::sweep_bench;
  if (name == "llama-bench") return Format::llama_bench;
  if (name == "csv") return Format::csv;
  return std::nullopt;
}

std::vector<Table> read_stream(std::istream& in, const std::string& source,
                               const Options& options) {
  Reader reader(in, source, options);
  std::vector<Table> tables = reader.run();
  for (const Table& t : tables)
    if (t.unusable.empty()) return tables;
  nothing_usable(source, tables, reader.lines());
}

std::vector<Table> read_file(const std::string& path, const Options& options) {
  if (std::filesystem::is_directory(path))
    throw BadInput(fmt::format("{}: a directory; expected a file with a table", path));
  std::ifstream in(path, std::ios::binary);
  if (!in)
    throw BadInput(fmt::format("{}: {}; expected a file with a table", path, std::strerror(errno)));
  return read_stream(in, path, options);
}

}  // namespace mlawave::importer
