// JSON objects in a text, one a line or spread over many lines, inside an array or not.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "harness/import/columns.h"
#include "harness/import/rows.h"

namespace mlawave::importer {

struct JsonRow {
  std::int64_t line = 0;  // of its opening brace
  Format format = Format::sweep_bench;
  double time_scale = 1;
  Cells cells;
};

// Collects objects line by line, one at a time in memory.
class JsonRows {
 public:
  using Take = std::function<void(JsonRow&&)>;
  explicit JsonRows(Take take) : take_(std::move(take)) {}
  bool inside() const { return depth_ > 0; }
  // False when the line is no part of a JSON text. `line`: quotes and blanks taken off.
  bool feed(std::string_view line, std::int64_t number);
  void abandon();  // forgets a half-read object

 private:
  void finish();

  Take take_;
  std::string text_;
  std::int64_t line_ = 0;
  int depth_ = 0;
  bool in_string_ = false, escaped_ = false, checked_ = false;
};

}  // namespace mlawave::importer
