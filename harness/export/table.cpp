#include "harness/export/table.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "harness/export/columns.h"

namespace mlawave::exporting {
namespace {

using Json = nlohmann::ordered_json;

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

std::string quoted(const std::string& s) {
  if (s.find_first_of(",\"\r\n") == std::string::npos) return s;
  std::string out = "\"";
  for (char c : s) out.append(c == '"' ? 2 : 1, c);
  return out + '"';
}

std::string csv_field(const Cell& cell) {
  return std::visit(Overloaded{[](std::monostate) { return std::string(); },
                               [](const std::string& s) { return quoted(s); },
                               [](auto number) { return fmt::format("{}", number); }},
                    cell);
}

Json json_value(const Cell& cell) {
  return std::visit(Overloaded{[](std::monostate) { return Json(nullptr); },
                               [](const auto& value) { return Json(value); }},
                    cell);
}

}  // namespace

void write_csv(std::ostream& out, std::span<const record::Record> records,
               const record::RunInfo& run) {
  const char* separator = "";
  for (const Column& column : columns()) {
    out << separator << column.name;
    separator = ",";
  }
  out << '\n';
  for (const record::Record& record : records) {
    const Derived derived = derive(record, ceilings_of(run, record.what.backend));
    separator = "";
    for (const Column& column : columns()) {
      out << separator << csv_field(column.cell(record, derived));
      separator = ",";
    }
    out << '\n';
  }
}

void write_json(std::ostream& out, std::span<const record::Record> records,
                const record::RunInfo& run) {
  out << '[';
  const char* separator = "\n";
  for (const record::Record& record : records) {
    const Derived derived = derive(record, ceilings_of(run, record.what.backend));
    Json row = Json::object();
    for (const Column& column : columns())
      row[column.name] = json_value(column.cell(record, derived));
    out << separator << row.dump(-1, ' ', false, Json::error_handler_t::replace);
    separator = ",\n";
  }
  out << "\n]\n";
}

}  // namespace mlawave::exporting
