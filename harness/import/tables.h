// Rows as they come, put into tables; then each table is checked.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/import/rows.h"
#include "harness/import/table.h"

namespace mlawave::importer {

class Tables {
 public:
  explicit Tables(std::string source, bool skip_bad_rows)
      : source_(std::move(source)), skip_bad_rows_(skip_bad_rows) {}

  void header(Format, std::int64_t line);  // what follows is another table
  void row(Parsed&&);
  void set_gpu(std::string gpu) { gpu_ = std::move(gpu); }
  void set_setting(std::string key, std::string value);

  bool any() const { return !open_.empty(); }
  std::int64_t rows() const { return rows_; }
  // Checks and names them. Tables in the order of their headers.
  std::vector<Table> finish();

 private:
  struct Open {
    Table table;
    std::vector<Reading> from_time, from_speed;  // per row
    int group = 0;                               // header it belongs to
  };
  Open& table_for(const Parsed&);
  Open& add(const Parsed*, std::int64_t line);

  std::string source_;
  bool skip_bad_rows_;
  std::vector<Open> open_;
  std::map<std::string, std::size_t> by_key_;  // tables under the current header
  std::map<std::string, std::string> settings_;
  std::string gpu_;
  Format format_ = Format::sweep_bench;
  std::int64_t header_line_ = 0;
  std::int64_t rows_ = 0;
  int group_ = 0;
  bool header_used_ = true;
  std::int64_t skipped_ = 0;
};

}  // namespace mlawave::importer
