#include "harness/import/tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/config/bad_input.h"

namespace mlawave::importer {
namespace {

constexpr std::size_t kMaxTables = 4096;
constexpr std::size_t kMaxNamedBadRows = 1000;

// The two columns are one number printed twice: each bounds it, the truth lies in both bounds.
struct Merged {
  double time_us;
  bool conflict;
};

Merged merge(const Reading& time, const Reading& speed) {
  constexpr double kSlack = 2;  // a printed digit may be cut instead of rounded
  if (!time.there || !speed.there) return {time.there ? time.value : speed.value, false};
  const double gap = std::abs(time.value - speed.value);
  if (gap > kSlack * (time.half + speed.half)) return {time.value, true};
  const double lo = std::max(time.value - time.half, speed.value - speed.half);
  const double hi = std::min(time.value + time.half, speed.value + speed.half);
  if (lo <= hi) return {(lo + hi) / 2, false};
  return {time.half < speed.half ? time.value : speed.value, false};
}

// A table without a TG column says it by T_TG · S_TG.
void infer_tokens(Table& table, std::vector<Reading>& time, const std::vector<Reading>& speed) {
  if (table.tg > 0 || time.empty() || !time[0].there || !speed[0].there) return;
  const double ratio = std::round(time[0].value / speed[0].value);
  constexpr double kMostTokens = 1e6;
  if (!(ratio >= 1 && ratio <= kMostTokens)) return;
  table.tg = static_cast<int>(ratio);
  for (std::size_t i = 0; i < time.size(); ++i) {
    time[i].value /= ratio;
    time[i].half /= ratio;
    table.rows[i].time_us /= ratio;
  }
}

// Takes the more exact time from both columns; rows where they contradict each other go.
void merge_columns(Table& table, const std::vector<Reading>& time,
                   const std::vector<Reading>& speed) {
  std::vector<Merged> merged;
  for (std::size_t i = 0; i < table.rows.size(); ++i) merged.push_back(merge(time[i], speed[i]));
  const auto conflicts =
      std::count_if(merged.begin(), merged.end(), [](const Merged& m) { return m.conflict; });
  if (2 * conflicts > std::ssize(merged)) {
    table.notes.push_back(
        fmt::format("S_TG is not TG/T_TG in {} of {} rows: another definition; T_TG was used",
                    conflicts, merged.size()));
    return;
  }
  std::vector<Row> kept;
  for (std::size_t i = 0; i < merged.size(); ++i) {
    Row row = table.rows[i];
    if (merged[i].conflict) {
      table.bad_rows.push_back(
          {row.line, row.n_kv,
           fmt::format("T_TG says {:.2f} ms a token, S_TG {:.2f}: they contradict each other",
                       time[i].value / 1e3, speed[i].value / 1e3)});
      continue;
    }
    row.time_us = merged[i].time_us;
    kept.push_back(row);
  }
  table.rows = std::move(kept);
}

template <class Get>
bool all_equal(const std::vector<Row>& rows, Get get) {
  return std::all_of(rows.begin(), rows.end(),
                     [&](const Row& r) { return get(r) == get(rows.front()); });
}

std::string why_unusable(const Table& t) {
  if (!t.unusable.empty()) return t.unusable;
  if (t.rows.empty()) return t.bad_rows.empty() ? "a header without rows" : "no row can be used";
  if (t.rows.size() == 1) return "one row: a curve needs more";
  if (all_equal(t.rows, [](const Row& r) { return r.n_kv; }))
    return fmt::format("all {} rows have n_kv {}: there is no axis", t.rows.size(),
                       t.rows.front().n_kv);
  if (all_equal(t.rows, [](const Row& r) { return r.time_us; }))
    return fmt::format("all {} rows have the same time", t.rows.size());
  return "";
}

std::string stem(const std::string& source) {
  const auto slash = source.find_last_of('/');
  const std::string file = slash == std::string::npos ? source : source.substr(slash + 1);
  const auto dot = file.find_last_of('.');
  return dot == std::string::npos || dot == 0 ? file : file.substr(0, dot);
}

}  // namespace

void Tables::header(Format format, std::int64_t line) {
  if (!header_used_) add(nullptr, header_line_);
  by_key_.clear();
  format_ = format;
  header_line_ = line;
  header_used_ = false;
  skipped_ = 0;
  ++group_;
}

void Tables::set_setting(std::string key, std::string value) {
  settings_[std::move(key)] = std::move(value);
}

Tables::Open& Tables::add(const Parsed* first, std::int64_t line) {
  if (open_.size() == kMaxTables)
    throw config::BadInput(
        fmt::format("{}:{}: more than {} tables in one file", source_, line, kMaxTables));
  Open& o = open_.emplace_back();
  o.group = group_;
  o.table.source = source_;
  o.table.format = format_;
  o.table.line = line;
  o.table.gpu = gpu_;
  for (const auto& [k, v] : settings_) o.table.keys[k] = v;
  if (first != nullptr) {
    o.table.tg = first->tg;
    o.table.no_prompt = first->no_prompt;
    o.table.batch = first->batch;
    for (const auto& [k, v] : first->keys) o.table.keys[k] = v;
  } else if (skipped_ > 0) {
    o.table.unusable = "no rows of token generation";
  }
  return o;
}

Tables::Open& Tables::table_for(const Parsed& p) {
  std::string key = fmt::format("{}/{}", p.tg, p.batch);
  if (format_ != Format::sweep_bench)
    for (const auto& [k, v] : p.keys) key += "/" + v;
  const auto found = by_key_.find(key);
  header_used_ = true;
  if (found != by_key_.end()) {
    Open& o = open_[found->second];
    const bool restarts = p.kind == Parsed::Kind::row && format_ == Format::sweep_bench &&
                          o.table.rows.size() > 1 && p.row.n_kv <= o.table.rows.front().n_kv &&
                          p.row.n_kv < o.table.rows.back().n_kv;
    if (!restarts) return o;
  }
  add(&p, found == by_key_.end() ? header_line_ : p.row.line);
  by_key_[key] = open_.size() - 1;
  return open_.back();
}

void Tables::row(Parsed&& p) {
  if (p.kind == Parsed::Kind::skip) {
    ++skipped_;
    return;
  }
  ++rows_;
  if (p.kind != Parsed::Kind::row && !by_key_.empty()) {
    // A broken row may have lost what tells its table: it belongs to the one being written.
    p.tg = open_.back().table.tg;
    p.batch = open_.back().table.batch;
  }
  Open& o = p.kind == Parsed::Kind::row || by_key_.empty() ? table_for(p) : open_.back();
  if (p.kind == Parsed::Kind::row) {
    o.table.rows.push_back(p.row);
    o.from_time.push_back(p.from_time);
    o.from_speed.push_back(p.from_speed);
    return;
  }
  if (o.table.bad_rows.size() < kMaxNamedBadRows)
    o.table.bad_rows.push_back({p.row.line, p.row.n_kv, p.reason});
  if (p.kind == Parsed::Kind::wrong && !skip_bad_rows_ && o.table.unusable.empty()) {
    o.table.unusable = p.reason;
    o.table.unusable_line = p.row.line;
  }
}

std::vector<Table> Tables::finish() {
  if (!header_used_) add(nullptr, header_line_);
  header_used_ = true;
  std::stable_sort(open_.begin(), open_.end(),
                   [](const Open& a, const Open& b) { return a.table.line < b.table.line; });
  std::vector<Table> out;
  for (Open& o : open_) {
    if (o.table.format == Format::sweep_bench) {
      infer_tokens(o.table, o.from_time, o.from_speed);
      merge_columns(o.table, o.from_time, o.from_speed);
    }
    o.table.unusable = why_unusable(o.table);
    if (o.table.unusable_line == 0) o.table.unusable_line = o.table.line;
    o.table.name = stem(source_);
    if (open_.size() > 1) o.table.name += fmt::format("#{}", out.size() + 1);
    out.push_back(std::move(o.table));
  }
  open_.clear();
  return out;
}

}  // namespace mlawave::importer
