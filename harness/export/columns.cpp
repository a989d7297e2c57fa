#include "harness/export/columns.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <optional>

#include "harness/config/names.h"
#include "harness/record/summary.h"

namespace mlawave::exporting {
namespace {

using R = const record::Record&;
using D = const Derived&;

Cell text(std::string_view s) { return s.empty() ? Cell{} : Cell{std::string(s)}; }
Cell integer(std::int64_t n) { return n; }
Cell real(std::optional<double> x) { return x && std::isfinite(*x) ? Cell{*x} : Cell{}; }

// Figures of the plan and the samples exist only once a case came that far.
Cell planned(R r, std::int64_t n) { return r.plan.slots > 0 ? Cell{n} : Cell{}; }
Cell timed(R r, double x) {
  return r.status == record::Status::ok && r.summary.samples > 0 ? real(x) : Cell{};
}

const Column kColumns[] = {
    {"backend", [](R r, D) { return text(api::to_string(r.what.backend)); }},
    {"kernel", [](R r, D) { return text(r.what.kernel); }},
    {"schedule", [](R r, D) { return text(schedule::to_string(r.what.policy.kind)); }},
    {"batch", [](R r, D) { return integer(r.what.batch); }},
    {"n_kv", [](R r, D) { return integer(r.what.n_kv); }},
    {"heads", [](R r, D) { return integer(r.what.heads); }},
    {"s_q", [](R r, D) { return integer(r.what.s_q); }},
    {"sms", [](R r, D) { return integer(r.what.sms); }},
    {"chunk", [](R r, D) { return integer(r.what.policy.chunk); }},
    {"layout", [](R r, D) { return text(api::to_string(r.what.layout)); }},
    {"dtype", [](R r, D) { return text(api::to_string(r.what.dtype)); }},
    {"cache", [](R r, D) { return text(config::to_string(r.what.cache)); }},
    {"status", [](R r, D) { return text(record::to_string(r.status)); }},
    {"time_us", [](R r, D) { return timed(r, r.summary.time_us); }},
    {"time_us_lo", [](R r, D) { return timed(r, r.summary.time_us_lo); }},
    {"time_us_hi", [](R r, D) { return timed(r, r.summary.time_us_hi); }},
    {"tokens_per_s", [](R, D d) { return real(d.tokens_per_s); }},
    {"gb_per_s", [](R, D d) { return real(d.gb_per_s); }},
    {"tflop_per_s", [](R, D d) { return real(d.tflop_per_s); }},
    {"units", [](R r, D) { return planned(r, r.plan.units); }},
    {"slots", [](R r, D) { return planned(r, r.plan.slots); }},
    {"max_load", [](R r, D) { return planned(r, r.plan.max_load); }},
    {"efficiency", [](R, D d) { return real(d.efficiency); }},
    {"sm_clock_mhz",
     [](R r, D) {
       const auto clock = record::sm_clock_mhz(r.samples);
       return clock ? integer(std::lround(*clock)) : Cell{};
     }},
    {"sms_true", [](R r, D) { return r.partition.sms > 0 ? integer(r.partition.sms) : Cell{}; }},
    {"mode",
     [](R r, D) {
       return r.partition.sms > 0 ? text(record::to_string(r.partition.mode)) : Cell{};
     }},
    {"tiles", [](R r, D) { return planned(r, r.plan.n_tiles); }},
    {"ctas_per_sm", [](R r, D) { return planned(r, r.plan.ctas_per_sm); }},
    {"mad_us", [](R r, D) { return timed(r, r.summary.mad_us); }},
    {"samples", [](R r, D) { return integer(r.summary.samples); }},
    {"main_us", [](R, D d) { return real(d.main_us); }},
    {"fraction_of_ceiling", [](R, D d) { return real(d.fraction_of_ceiling); }},
    {"error", [](R r, D) { return r.error ? real(r.error->relative_frobenius) : Cell{}; }},
    {"reason", [](R r, D) { return text(r.reason); }},
    {"ragged", [](R r, D) { return text(fmt::format("{}", fmt::join(r.what.ragged, "+"))); }},
    {"splits",
     [](R r, D) {
       return r.what.policy.kind == schedule::Kind::split_kv ? integer(r.what.policy.splits)
                                                             : Cell{};
     }},
    {"partials", [](R r, D) { return planned(r, r.plan.partials); }},
    {"schedule_us", [](R, D d) { return real(d.schedule_us); }},
    {"page_size", [](R r, D) { return integer(r.what.page_size); }},
    {"chosen_by", [](R r, D) { return text(r.what.chosen_by); }},
};

}  // namespace

std::span<const Column> columns() { return kColumns; }

}  // namespace mlawave::exporting
