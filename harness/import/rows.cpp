#include "harness/import/rows.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>

namespace mlawave::importer {
namespace {

constexpr double kMicro = 1e6;
constexpr double kMaxNkv = 1e12;

struct Number {
  double value = 0;
  double half = 0;  // half a unit of the last printed digit
};

struct WrongCell {
  std::string reason;
};

Number number(std::string_view cell, std::string_view column) {
  Number n;
  std::string_view digits = cell.starts_with('+') ? cell.substr(1) : cell;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), n.value);
  if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty())
    throw WrongCell{fmt::format("{} is \"{}\", expected a number", column, cell.substr(0, 40))};
  if (!std::isfinite(n.value))
    throw WrongCell{fmt::format("{} is {}, expected a finite number", column, cell)};
  const auto e = digits.find_first_of("eE");
  const auto point = digits.find('.');
  const std::string_view mantissa = digits.substr(0, e);
  int decimals = point == std::string_view::npos || point > mantissa.size()
                     ? 0
                     : static_cast<int>(mantissa.size() - point - 1);
  if (e != std::string_view::npos) {
    int exponent = 0;
    std::string_view x = digits.substr(e + 1);
    if (x.starts_with('+')) x.remove_prefix(1);
    std::from_chars(x.data(), x.data() + x.size(), exponent);
    decimals -= exponent;
  }
  n.half = 0.5 * std::pow(10.0, -decimals);
  return n;
}

Number positive(std::string_view cell, std::string_view column) {
  const Number n = number(cell, column);
  if (n.value <= 0)
    throw WrongCell{fmt::format("{} is {}, expected a number above 0", column, cell)};
  return n;
}

std::int64_t whole(std::string_view cell, std::string_view column, double least) {
  const Number n = number(cell, column);
  if (n.value < least || n.value > kMaxNkv || n.value != std::floor(n.value))
    throw WrongCell{
        fmt::format("{} is {}, expected a whole number from {} on", column, cell, least)};
  return static_cast<std::int64_t>(n.value);
}

int small(std::string_view cell, std::string_view column, double least) {
  constexpr std::int64_t kMost = 1'000'000'000;
  const std::int64_t n = whole(cell, column, least);
  if (n > kMost) throw WrongCell{fmt::format("{} is {}, expected at most {}", column, cell, kMost)};
  return static_cast<int>(n);
}

Reading from_speed(Number speed, double tokens) {
  const double lo = tokens / (speed.value + speed.half);
  const double hi = tokens / std::max(speed.value - speed.half, speed.value * 0.5);
  return {kMicro * (lo + hi) / 2, kMicro * (hi - lo) / 2, true};
}

void sweep_bench(const Cells& c, Parsed& p) {
  p.tg = c[Role::tg].empty() ? 0 : small(c[Role::tg], "TG", 0);
  p.batch = c[Role::batch].empty() ? 1 : small(c[Role::batch], "B", 1);
  p.no_prompt = !c[Role::pp].empty() && whole(c[Role::pp], "PP", 0) == 0;
  if (!c[Role::tg].empty() && p.tg == 0) return;  // prompt processing alone
  p.row.n_kv = whole(c[Role::n_kv], "N_KV", 0);
  // batched-bench prints the tokens at the end, of all sequences; a request starts with PP.
  if (!c[Role::batch].empty() && !c[Role::pp].empty()) p.row.n_kv = whole(c[Role::pp], "PP", 0);
  const double tokens = p.tg > 0 ? p.tg : 1;
  if (!c[Role::time_tg_s].empty()) {
    const Number t = positive(c[Role::time_tg_s], "T_TG");
    p.from_time = {kMicro * t.value / tokens, kMicro * t.half / tokens, true};
  }
  if (!c[Role::speed_tg].empty())
    p.from_speed = from_speed(positive(c[Role::speed_tg], "S_TG"), p.batch);
  p.row.time_us = p.from_time.there ? p.from_time.value : p.from_speed.value;
  p.kind = Parsed::Kind::row;
}

// "tg128 @ d4096", "pp512"; nothing for prompt processing and mixed tests.
std::optional<std::pair<int, std::int64_t>> read_test(std::string_view test) {
  if (!test.starts_with("tg")) return std::nullopt;
  const auto at = test.find('@');
  const int tg = small(trim(test.substr(2, at == test.npos ? at : at - 2)), "test", 1);
  if (at == test.npos) return std::pair{tg, std::int64_t{0}};
  std::string_view depth = trim(test.substr(at + 1));
  if (depth.starts_with('d')) depth.remove_prefix(1);
  return std::pair{tg, whole(depth, "test", 0)};
}

void set_interval(Row& row, double half) {
  row.lo_us = row.time_us - half;
  row.hi_us = row.time_us + half;
}

void speed_with_spread(std::string_view cell, Parsed& p) {
  const auto sign = cell.find("±");
  const Number speed = positive(trim(cell.substr(0, sign)), "t/s");
  p.row.time_us = kMicro / speed.value;
  if (sign == cell.npos) return;
  const Number spread = number(trim(cell.substr(sign + std::string_view("±").size())), "t/s ±");
  set_interval(p.row, p.row.time_us * std::min(1.0, std::abs(spread.value) / speed.value));
}

void llama_bench(const Cells& c, Parsed& p) {
  if (!c[Role::test].empty()) {
    const auto test = read_test(c[Role::test]);
    if (!test) return;
    std::tie(p.tg, p.row.n_kv) = *test;
    speed_with_spread(c[Role::speed_text].empty() ? c[Role::speed] : c[Role::speed_text], p);
  } else {
    p.tg = small(c[Role::n_gen], "n_gen", 0);
    if (p.tg == 0 || (!c[Role::n_prompt].empty() && whole(c[Role::n_prompt], "n_prompt", 0) > 0))
      return;
    p.row.n_kv = c[Role::n_kv].empty() ? 0 : whole(c[Role::n_kv], "n_depth", 0);
    if (c[Role::avg_ns].empty()) {
      p.row.time_us = kMicro / positive(c[Role::avg_ts], "avg_ts").value;
    } else {
      const double to_us = 1e-3 / p.tg;
      p.row.time_us = positive(c[Role::avg_ns], "avg_ns").value * to_us;
      if (!c[Role::stddev_ns].empty())
        set_interval(p.row, std::abs(number(c[Role::stddev_ns], "stddev_ns").value) * to_us);
    }
  }
  p.kind = Parsed::Kind::row;
}

void csv(const Cells& c, double scale, Parsed& p) {
  if (!c[Role::status].empty() && c[Role::status] != "ok") return;
  p.row.n_kv = whole(c[Role::n_kv], "n_kv", 0);
  if (!c[Role::tg].empty()) p.tg = small(c[Role::tg], "tg", 1);
  if (!c[Role::time_us].empty()) {
    p.row.time_us = positive(c[Role::time_us], "time").value * scale;
  } else {
    const auto cell = c[Role::speed].empty() ? c[Role::speed_text] : c[Role::speed];
    if (cell.empty()) throw WrongCell{"the time is an empty cell, expected a number"};
    p.row.time_us = kMicro / positive(cell, "tokens_per_s").value;
  }
  if (!c[Role::time_lo_us].empty() && !c[Role::time_hi_us].empty()) {
    p.row.lo_us = number(c[Role::time_lo_us], "time_us_lo").value;
    p.row.hi_us = number(c[Role::time_hi_us], "time_us_hi").value;
  }
  if (!c[Role::clock_mhz].empty())
    p.row.clock_mhz = number(c[Role::clock_mhz], "sm_clock_mhz").value;
  if (!c[Role::units].empty()) p.row.units = whole(c[Role::units], "units", 0);
  if (!c[Role::slots].empty()) p.row.slots = whole(c[Role::slots], "slots", 0);
  p.kind = Parsed::Kind::row;
}

bool needed(Role role) {
  switch (role) {
    case Role::n_kv:
    case Role::tg:
    case Role::time_tg_s:
    case Role::speed_tg:
    case Role::time_us:
    case Role::speed:
    case Role::speed_text:
    case Role::test:
    case Role::n_gen:
    case Role::avg_ns:
      return true;
    default:
      return false;
  }
}

}  // namespace

bool assign(const Layout& layout, const std::vector<std::string_view>& cells, Cells& out) {
  bool complete = true;
  for (std::size_t i = 0; i < layout.columns.size(); ++i) {
    const Column& column = layout.columns[i];
    const std::string_view cell = i < cells.size() ? cells[i] : std::string_view{};
    if (i >= cells.size() && needed(column.role)) complete = false;
    if (column.role == Role::key) out.keys.emplace_back(column.name, cell);
    if (column.role != Role::ignored && out.at(column.role).empty()) out.at(column.role) = cell;
  }
  return complete;
}

Parsed parse_row(const Cells& cells, Format format, double time_scale, std::int64_t line) {
  Parsed p;
  p.row.line = line;
  p.keys = cells.keys;
  try {
    switch (format) {
      case Format::sweep_bench:
        sweep_bench(cells, p);
        break;
      case Format::llama_bench:
        llama_bench(cells, p);
        break;
      case Format::csv:
        csv(cells, time_scale, p);
        break;
    }
  } catch (const WrongCell& wrong) {
    p.kind = Parsed::Kind::wrong;
    p.reason = wrong.reason;
  }
  return p;
}

}  // namespace mlawave::importer
